// SPDX-License-Identifier: Apache-2.0
//
// As of T, known at P: a fold in memory by the definition of AsOfOptions, of one chain or of everything. First pass:
// who corrects whom; second pass: events in order, each with the payload that counts.
#pragma once

#include "ledger/state.hpp"
#include "store/local_log.hpp"

#include <carnet/ledger.hpp>

#include <memory>

namespace carnet::ledger {

/// `core`: rows of a view at `head`. Errors: see View::as_of().
[[nodiscard]] Result<std::unique_ptr<AsOfState>> fold_as_of(const State& state, TableReader& core, store::LocalLog& log,
                                                            const State::FrameLoader& load_frame, std::uint64_t head,
                                                            const AsOfOptions& options);

}  // namespace carnet::ledger
