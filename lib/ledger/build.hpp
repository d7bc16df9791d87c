// SPDX-License-Identifier: Apache-2.0
//
// Build: new generations of some projections, filled from the log beside the live ones, pass by pass. After a pass its
// pages go into the next checkpoint with the position that they stand at, so that a build goes on where it was, also in
// another process.
#pragma once

#include "ledger/generations.hpp"
#include "ledger/replay.hpp"
#include "ledger/state.hpp"
#include "project/table_set.hpp"
#include "store/local_log.hpp"
#include "store/views_db.hpp"

#include <carnet/projection.hpp>
#include <carnet/result.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace carnet::ledger {

/// Threads: one at a time; which mutex guards what is said at each call.
class Build {
 public:
  struct Part {
    const Projection* projection = nullptr;
    Generation generation;
  };

  /// Takes up what stands in state.others() for these projections as they are now, or begins anew.
  /// Under the checkpoint mutex. Errors: kStorage `TooManyTables`.
  [[nodiscard]] static Result<std::unique_ptr<Build>> make(State& state, store::ViewsDb* views,
                                                           std::size_t memory_bytes,
                                                           std::span<const Projection* const> projections);

  /// One pass: everything up to options.up_to, or less if the pages reach the budget. `core`: as ReplayDecoder.
  [[nodiscard]] Status run(const State& state, TableReader& core, store::LocalLog& log,
                           const State::FrameLoader& load_frame, const ReplayOptions& options);

  /// All parts have folded everything up to here.
  [[nodiscard]] std::uint64_t position() const noexcept { return position_; }

  /// Events folded so far by this object.
  [[nodiscard]] std::uint64_t folded() const noexcept { return folded_; }

  // Steps of a checkpoint, under the checkpoint mutex and between passes.
  void begin_checkpoint();
  void write_checkpoint(State& state, store::ViewBatch& batch);
  void end_checkpoint(bool published);

  [[nodiscard]] std::span<const Part> parts() const noexcept { return parts_; }

  [[nodiscard]] project::TableSet& tables_of(const Part& part) noexcept {
    return *sets_.at(part.generation.first.value >= kCatchUpTables ? 1 : 0);
  }

  [[nodiscard]] project::Fingerprint fingerprint(const Part& part);

 private:
  std::vector<Part> parts_;
  std::array<std::unique_ptr<project::TableSet>, 2> sets_;  ///< Of inline and of catch-up projections.
  std::size_t dirty_max_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t folded_ = 0;
};

/// Sum over a projection's tables.
[[nodiscard]] project::Fingerprint fingerprint_of(const project::TableSet& tables, TableId first, std::size_t count);
[[nodiscard]] std::string to_hex(const project::Fingerprint& fingerprint);

/// First position whose event touches a row in which two states of a projection differ: one that the log gives, and
/// another. 0: no event touches such a row. Folds the log up to `up_to` in memory.
[[nodiscard]] Result<std::uint64_t> first_difference(const State& state, TableReader& core, store::LocalLog& log,
                                                     const State::FrameLoader& load_frame, std::uint64_t up_to,
                                                     const Projection& projection, TableReader& rebuilt,
                                                     TableId rebuilt_first, TableReader& other, TableId other_first);

}  // namespace carnet::ledger
