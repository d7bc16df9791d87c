// SPDX-License-Identifier: Apache-2.0
//
// What every verb works with: where it prints, how it opens the ledger, in which zone it shows times.
#pragma once

#include "console.hpp"
#include "exit_code.hpp"
#include "options.hpp"
#include "output.hpp"
#include "zone.hpp"

#include <carnet/ledger.hpp>
#include <carnet/rental/state_view.hpp>
#include <carnet/result.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace carnet::tool {

struct Session {
  const CommonOptions& common;
  std::string verb;
  std::filesystem::path ledger;  ///< For messages.
  Output& out;
  Console& console;
  std::stop_token stop;

  [[nodiscard]] bool json() const noexcept { return common.json; }
};

/// Opens without disturbing a process that writes meanwhile; personal fields read as `[sealed]`.
[[nodiscard]] Result<Ledger::Opened> open_for_reading(const Session& session);

/// Options of an opening that writes: acknowledged when the operating system has it, synced when it is closed.
[[nodiscard]] OpenOptions writing_options(const Session& session, const std::filesystem::path& keys);
/// Opens as the one that writes.
[[nodiscard]] Result<Ledger::Opened> open_for_writing(const Session& session, const OpenOptions& options);

/// `given`, or the zone that LedgerOpened names, or UTC.
[[nodiscard]] Result<Zone> zone_for(const Session& session, View& view, const std::optional<Zone>& given);

/// The times that a moment stands for, its first and its last nanosecond.
[[nodiscard]] Timestamp first_of(const Moment& moment, const Zone& zone);
[[nodiscard]] Timestamp last_of(const Moment& moment, const Zone& zone);
/// Last position of the view that was known then.
[[nodiscard]] Result<std::uint64_t> position_known_at(View& view, const KnownAt& known, const Zone& zone);

/// States at the head of a view or, where the user asked for it, as of another time.
class StatesThen {
 public:
  /// Folds only the projections that are named. Cost: of another time, as View::as_of. Errors: those of it.
  [[nodiscard]] static Result<StatesThen> make(const Session& session, View& view, const std::optional<Moment>& as_of,
                                               const std::optional<KnownAt>& known_at, const Zone& zone,
                                               std::vector<std::string> projections);

  [[nodiscard]] StateView get() const { return fold_ == nullptr ? StateView(*view_) : StateView(*view_, *fold_); }

 private:
  explicit StatesThen(View& view) : view_(&view) {}

  View* view_;
  std::unique_ptr<AsOfState> fold_;
};

/// Hands over events in order until `each` returns false or fails.
[[nodiscard]] Status for_each_event(View& view, const Query& query, const ReadOptions& options,
                                    const std::function<Result<bool>(const Event&)>& each);

/// Tells why the run ends badly: one line on stderr and, for programs, one object on stdout.
Exit report(const Session& session, const Error& error);
/// That object.
void print_ending(Output& out, std::string_view outcome, const Error& error);

}  // namespace carnet::tool
