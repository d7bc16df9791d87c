// SPDX-License-Identifier: Apache-2.0
//
// What tests put under a database: another environment (faults, lost power) and a look at the steps of sealing. Hosts
// never make one.
#pragma once

#include <carnet/result.hpp>

#include <cstdint>
#include <functional>

namespace rocksdb {
class Env;
}

namespace carnet::store {

/// The steps of sealing one range. Between any two of them the process may die.
enum class SealPoint : std::uint8_t {
  kBegun,         ///< The tail is synced and flushed; nothing is written yet.
  kFileWritten,   ///< The table stands in its own folder, synced, not checked.
  kFileChecked,   ///< Its leaf hashes are those of the tail.
  kFileIngested,  ///< `sealed` holds the range, and so does `tail`.
  kTailDropped,   ///< Only `sealed` holds it, but for the rest of a table that reaches beyond it.
};

struct StoreEnv {
  rocksdb::Env* env = nullptr;                          ///< Null: the real one. Outlives every database opened with it.
  std::function<Status(SealPoint)> at_seal_point = {};  ///< An error ends the sealing there, as a failure would.
};

}  // namespace carnet::store
