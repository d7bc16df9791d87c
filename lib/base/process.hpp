// SPDX-License-Identifier: Apache-2.0
//
// What is asked of the operating system about this process: which one it is, and larger pages for memory that is read
// at random.
#pragma once

#include <cstddef>
#include <cstdint>

namespace carnet::base {

/// A number that differs in a child made by fork() from its parent's. Not seen: children made by a bare clone().
/// Threads: any. Cost: one load.
[[nodiscard]] std::uint64_t process_generation() noexcept;

/// Asks for huge pages under whatever of the range they fit into: fewer misses of the address cache where memory is
/// read at random. A hint: without it, or where the system refuses, everything is the same but slower.
void advise_huge_pages(void* begin, std::size_t bytes) noexcept;

}  // namespace carnet::base
