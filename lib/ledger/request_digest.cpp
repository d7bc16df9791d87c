// SPDX-License-Identifier: Apache-2.0
#include "ledger/request_digest.hpp"

#include <algorithm>

namespace carnet::ledger {

namespace {

/// Every part is u32le length ‖ bytes; a number is a part of 8 bytes (i64/u64, little-endian); a list is its count,
/// then its parts.
class Parts {
 public:
  explicit Parts(std::string& out) : out_(out) { out_.clear(); }

  void text(std::string_view part) {
    base::append_le<std::uint32_t>(out_, static_cast<std::uint32_t>(part.size()));
    out_ += part;
  }

  void number(std::uint64_t value) {
    base::append_le<std::uint32_t>(out_, 8);
    base::append_le<std::uint64_t>(out_, value);
  }

  void number(std::int64_t value) { number(static_cast<std::uint64_t>(value)); }

  [[nodiscard]] std::size_t open() {
    base::append_le<std::uint32_t>(out_, 0);
    return out_.size();
  }

  void close(std::size_t from) {
    base::store_le(out_.data() + from - 4, static_cast<std::uint32_t>(out_.size() - from));
  }

 private:
  std::string& out_;
};

Digest16 first16(const base::Hash& hash) {
  Digest16 out;
  std::copy_n(hash.begin(), out.size(), out.begin());
  return out;
}

void add_items(Parts& parts, const std::vector<QueryItem>& items) {
  parts.number(std::uint64_t{items.size()});
  for (const QueryItem& item : items) {
    parts.number(std::uint64_t{item.stream ? 1U : 0U});
    if (item.stream) {
      parts.text(*item.stream);
    }
    parts.number(std::uint64_t{item.tags.size()});
    for (const std::string& tag : item.tags) {
      parts.text(tag);
    }
    parts.number(std::uint64_t{item.types.size()});
    for (const std::string& type : item.types) {
      parts.text(type);
    }
  }
}

}  // namespace

Digest16 command_hash(std::string_view command) {
  return first16(base::sha256(base::as_bytes(command)));
}

Result<Digest16> request_digest(const Request& request, std::span<const DigestEvent> events, std::string& scratch) {
  Parts parts(scratch);
  parts.number(std::uint64_t{events.size()});
  for (const DigestEvent& event : events) {
    const EventDraft& draft = *event.draft;
    parts.text(draft.stream);
    parts.text(draft.type);
    parts.number(draft.occurred_at.ns);
    parts.number(draft.booked_at.value_or(draft.occurred_at).ns);
    parts.number(std::uint64_t{draft.tags.size()});
    for (const std::string& tag : draft.tags) {
      parts.text(tag);
    }
    parts.number(draft.corrects.position);
    parts.number(static_cast<std::uint64_t>(draft.corrects.kind));
    const std::size_t payload = parts.open();
    CARNET_TRY_VOID(event.type->append_canonical(event.payload, event.sealed, scratch));
    parts.close(payload);
    parts.number(std::uint64_t{draft.findings.size()});
    for (const StatedFinding& finding : draft.findings) {
      parts.text(finding.code);
      parts.number(static_cast<std::uint64_t>(finding.severity));
      parts.text(finding.path);
      parts.number(std::uint64_t{finding.args.size()});
      for (const Fact& arg : finding.args) {
        parts.text(arg.name);
        parts.text(arg.value);
      }
    }
  }
  parts.number(static_cast<std::uint64_t>(request.basis));
  parts.number(std::uint64_t{request.source ? 1U : 0U});
  if (request.source) {
    parts.text(request.source->name);
    parts.number(request.source->position);
  }
  parts.number(std::uint64_t{request.expect.size()});
  for (const Expect& expect : request.expect) {
    parts.text(expect.stream);
    parts.number(std::uint64_t{expect.version});
  }
  parts.number(std::uint64_t{request.condition ? 1U : 0U});
  if (request.condition) {
    parts.number(request.condition->after);
    add_items(parts, request.condition->any);
  }
  return first16(base::sha256(base::as_bytes(scratch)));
}

}  // namespace carnet::ledger
