// SPDX-License-Identifier: Apache-2.0
//
// StoredCommit: one commit read back from the log by a position in it, for receipts, idempotency and digests of
// resends.
#pragma once

#include "codec/frame.hpp"
#include "codec/messages.hpp"
#include "ledger/state.hpp"

#include <carnet/request.hpp>

#include <cstdint>
#include <vector>

namespace carnet::ledger {

/// Reusable. Threads: one at a time.
class StoredCommit {
 public:
  /// Loads the commit that holds `position`; false: the log does not reach it.
  [[nodiscard]] Result<bool> load(const State::FrameLoader& load_frame, std::uint64_t position);

  [[nodiscard]] const codec::CommitHead& head() const noexcept { return *head_; }

  [[nodiscard]] const codec::CommitBytes& bytes() const noexcept { return commit_; }

  /// Recomputed from the bytes.
  [[nodiscard]] Receipt receipt();

 private:
  std::vector<std::uint64_t> frame_;
  codec::FrameReader frame_reader_;
  codec::HeadReader head_reader_;
  codec::CommitBytes commit_;
  const codec::CommitHead* head_ = nullptr;
  std::vector<base::Hash> hashes_;
};

}  // namespace carnet::ledger
