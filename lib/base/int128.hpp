// SPDX-License-Identifier: Apache-2.0
//
// 128-bit integers, which both supported compilers have as an extension. For products and sums on their way back to 64
// bits.
#pragma once

namespace carnet::base {

__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): __extension__ cannot stand before `using`.

}  // namespace carnet::base
