// SPDX-License-Identifier: Apache-2.0
//
// The request digest: first 16 bytes of SHA-256 over the request in one binary form, the same through API and import.
// docs/reference/log-format.md, "Request digest". Final: it stands in every header.
#pragma once

#include "base/sha256.hpp"
#include "codec/payload_type.hpp"

#include <carnet/request.hpp>
#include <carnet/result.hpp>

#include <span>
#include <string>

namespace carnet::ledger {

/// First 16 bytes of SHA-256 of the command's text.
[[nodiscard]] Digest16 command_hash(std::string_view command);

/// What the digest needs of one event beside its draft.
struct DigestEvent {
  const EventDraft* draft = nullptr;
  const codec::PayloadType* type = nullptr;
  PayloadView payload;
  std::span<const codec::SealedDigest> sealed;
};

/// `scratch` is the caller's memory. Errors: those of PayloadType::append_canonical.
[[nodiscard]] Result<Digest16> request_digest(const Request& request, std::span<const DigestEvent> events,
                                              std::string& scratch);

}  // namespace carnet::ledger
