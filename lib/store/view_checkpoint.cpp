// SPDX-License-Identifier: Apache-2.0
//
// See view_checkpoint.hpp.
#include "store/view_checkpoint.hpp"

#include "base/bytes.hpp"
#include "store/view_keys.hpp"

#include <cstring>

namespace carnet::store {

namespace {

constexpr const char* kDamaged = "ViewsDamaged";
constexpr std::uint8_t kCheckpointVersion = 1;
constexpr std::size_t kCheckpointFixedBytes = 1 + 8 + 8 + 32;

}  // namespace

std::string checkpoint_key() {
  return std::string(1, static_cast<char>(View::kCheckpoint));
}

std::string encode_checkpoint(const ViewCheckpoint& checkpoint) {
  std::string bytes;
  bytes.reserve(kCheckpointFixedBytes + checkpoint.state.size() + 4);
  bytes.push_back(static_cast<char>(kCheckpointVersion));
  base::append_le(bytes, checkpoint.position);
  base::append_le(bytes, checkpoint.commits);
  bytes.append(base::as_text(checkpoint.root));
  bytes.append(checkpoint.state);
  base::append_le(bytes, base::mask_crc32c(base::crc32c(base::as_bytes(bytes))));
  return bytes;
}

Result<ViewCheckpoint> decode_checkpoint(std::string_view bytes) {
  const Error damaged(ErrorCode::kCorruption, kDamaged, "the checkpoint's record is damaged: rebuild the views");
  if (bytes.size() < kCheckpointFixedBytes + 4) {
    return damaged;
  }
  const std::string_view checked = bytes.substr(0, bytes.size() - 4);
  if (base::mask_crc32c(base::crc32c(base::as_bytes(checked))) !=
      base::load_le<std::uint32_t>(bytes.data() + checked.size())) {
    return damaged;
  }
  if (static_cast<std::uint8_t>(bytes[0]) != kCheckpointVersion) {
    return Error(ErrorCode::kCorruption, kDamaged,
                 "the checkpoint's record is of another version of Carnet: rebuild the views");
  }
  ViewCheckpoint checkpoint;
  checkpoint.position = base::load_le<std::uint64_t>(bytes.data() + 1);
  checkpoint.commits = base::load_le<std::uint64_t>(bytes.data() + 9);
  std::memcpy(checkpoint.root.data(), bytes.data() + 17, checkpoint.root.size());
  checkpoint.state.assign(checked.substr(kCheckpointFixedBytes));
  return checkpoint;
}

}  // namespace carnet::store
