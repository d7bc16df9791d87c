// SPDX-License-Identifier: Apache-2.0
//
// The checkpoint's record in views/state. Private to the views of lib/store.
#pragma once

#include "store/views_db.hpp"

#include <carnet/result.hpp>

#include <string>
#include <string_view>

namespace carnet::store {

[[nodiscard]] std::string checkpoint_key();

/// u8 version · u64le position · u64le commits · root (32) · state · masked CRC32C (u32le) of all before it.
[[nodiscard]] std::string encode_checkpoint(const ViewCheckpoint& checkpoint);
/// Errors: kCorruption `ViewsDamaged`.
[[nodiscard]] Result<ViewCheckpoint> decode_checkpoint(std::string_view bytes);

}  // namespace carnet::store
