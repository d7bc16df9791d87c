// SPDX-License-Identifier: Apache-2.0
//
// Bytes of pages and of a checkpoint's state, as they stand in views/. Views can be rebuilt: a form that is not
// understood is damage, and the engine rebuilds.
//
// Page key    's' · generation u32 BE · table u16 BE · page number u64 BE
// Page value  page bytes without the zero words at the end · CRC32C u32 LE over key and those bytes
// State       "CTS1" · page bytes u32 · tables u32 · per table: name (varint length, bytes) · row bytes u32 ·
//             row count u64 · fingerprint 2 × u64 · at the end CRC32C u32 over all before; integers LE
#pragma once

#include "project/state_page.hpp"
#include "project/table_set.hpp"

#include <carnet/result.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::project {

/// Puts the key into `out` in place of what it holds.
void encode_page_key(std::string& out, std::uint32_t generation, std::uint16_t table, std::uint64_t number);
/// Puts the value into `out` in place of what it holds.
void encode_page(std::string& out, std::string_view key, const Page& page);
/// Fills `page.bytes`. Errors: kCorruption `StateDamaged`.
[[nodiscard]] Status decode_page(std::string_view key, std::string_view value, Page& page);

/// Requires: one state for each spec.
[[nodiscard]] std::string encode_state(std::span<const TableSpec> specs, std::span<const TableState> tables);
/// Errors: kCorruption `StateDamaged`, also when it was written for other tables.
[[nodiscard]] Result<std::vector<TableState>> decode_state(std::span<const TableSpec> specs, std::string_view state);

}  // namespace carnet::project
