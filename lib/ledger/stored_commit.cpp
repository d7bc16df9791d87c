// SPDX-License-Identifier: Apache-2.0
#include "ledger/stored_commit.hpp"

namespace carnet::ledger {

Result<bool> StoredCommit::load(const State::FrameLoader& load_frame, std::uint64_t position) {
  CARNET_TRY(const bool found, load_frame(position, frame_));
  if (!found) {
    return false;
  }
  CARNET_TRY_VOID(frame_reader_.open(std::as_bytes(std::span(frame_))));
  std::uint64_t first = frame_reader_.header().first_position;
  while (true) {
    CARNET_TRY(const bool more, frame_reader_.next(commit_));
    if (!more) {
      return false;
    }
    if (position >= first && position < first + commit_.events.size()) {
      CARNET_TRY(head_, head_reader_.read(commit_.header));
      return true;
    }
    first += commit_.events.size();
  }
}

Receipt StoredCommit::receipt() {
  return {.commit = head_->number,
          .first_position = head_->first_position,
          .event_count = static_cast<std::uint32_t>(commit_.events.size()),
          .recorded_at = head_->recorded_at,
          .leaf_hash = leaf_of(commit_, hashes_)};
}

}  // namespace carnet::ledger
