// SPDX-License-Identifier: Apache-2.0
//
// The command line as plain data: one struct a verb. Parsing is done with the world left alone: nothing is opened here.
#pragma once

#include "exit_code.hpp"
#include "zone.hpp"

#include <carnet/import.hpp>
#include <carnet/ledger.hpp>
#include <carnet/money.hpp>
#include <carnet/time.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace carnet::tool {

/// A time as the user gave it. A day alone has no zone yet: that of the ledger, or of --zone.
using Moment = std::variant<Timestamp, LocalDate>;

/// `--known-at`: a position, or what was recorded up to a time.
using KnownAt = std::variant<std::uint64_t, Moment>;

struct CommonOptions {
  bool json = false;
  bool accept_clock = false;
};

struct InitCommand {
  std::filesystem::path ledger;
  std::string origin;
  bool bare = false;
  std::optional<Moment> go_live;
  std::string zone;
  std::string currency;
  std::string jurisdiction;
  std::filesystem::path keys;
};

struct ImportCommand {
  std::filesystem::path ledger;
  std::string file;
  OnRefusal on_refusal = OnRefusal::kStop;
  bool dry_run = false;
  std::filesystem::path results;
  std::filesystem::path keys;
};

struct GenerateCommand {
  std::filesystem::path ledger;
  std::uint64_t rentals = 0;
  std::uint64_t seed = 1;
  std::uint64_t a_day = 1000;
};

struct EventsCommand {
  std::filesystem::path ledger;
  std::string stream;
  std::string tag;
  std::string type;
  std::uint64_t after = 0;
  std::uint64_t limit = 0;
  bool do_export = false;
  std::optional<Zone> zone;
};

struct TransfersCommand {
  std::filesystem::path ledger;
  std::string account;
  std::string tag;
  std::optional<Moment> from;
  std::optional<Moment> to;
  std::uint64_t after = 0;
  std::uint64_t limit = 0;
  std::optional<Zone> zone;
};

enum class BalancesBy : std::uint8_t { kAccount, kMonth, kChart };

struct BalancesCommand {
  std::filesystem::path ledger;
  std::string account;
  BalancesBy by = BalancesBy::kAccount;
  std::string after;
  std::uint64_t limit = 0;
  std::optional<Moment> as_of;
  std::optional<KnownAt> known_at;
  std::optional<Zone> zone;
};

struct ViolationsCommand {
  std::filesystem::path ledger;
  std::string id;
  bool sum = false;
  std::string after;
  std::uint64_t limit = 0;
  std::optional<Moment> as_of;
  std::optional<KnownAt> known_at;
  std::optional<Zone> zone;
};

struct RentalsCommand {
  std::filesystem::path ledger;
  std::string id;
  std::string after;
  std::uint64_t limit = 0;
  std::optional<Moment> as_of;
  std::optional<KnownAt> known_at;
  std::optional<Zone> zone;
};

/// Any verb of lists.hpp.
struct ListCommand {
  std::filesystem::path ledger;
  std::string id;
  std::string after;
  std::uint64_t limit = 0;
  std::optional<Moment> as_of;
  std::optional<KnownAt> known_at;
  std::optional<Zone> zone;
};

struct KpiCommand {
  std::filesystem::path ledger;
  std::string kpi;     ///< Empty: all.
  std::string window;  ///< Empty: the month in which the ledger was written last.
  std::optional<KnownAt> known_at;
  bool include_history = false;
  std::optional<Zone> zone;
};

struct FindingsCommand {
  std::filesystem::path ledger;
  std::string id;  ///< `POSITION.NUMBER`
  std::string code;
  std::string severity;
  std::string tag;
  std::optional<Moment> as_of;
  std::optional<KnownAt> known_at;
  std::string after;
  std::uint64_t limit = 0;
  std::optional<Zone> zone;
};

struct HeadCommand {
  std::filesystem::path ledger;
  std::string command;  ///< Empty: none was asked for.
  std::optional<Zone> zone;
};

struct VerifyCommand {
  std::filesystem::path ledger;
};

struct RecoverCommand {
  std::filesystem::path ledger;
  std::string approver;
  std::filesystem::path keys;
};

struct RebuildCommand {
  std::filesystem::path ledger;
  std::string projection;  ///< Empty: all.
  std::filesystem::path keys;
};

struct BackupCommand {
  std::filesystem::path ledger;
  std::string folder;
};

struct RestoreCommand {
  std::filesystem::path ledger;  ///< The new one; empty with `list`.
  std::string folder;
  bool list = false;
  bool quick = false;
  std::uint64_t number = 0;
  std::optional<Zone> zone;
};

struct StatsCommand {
  std::filesystem::path ledger;
  bool prometheus = false;
};

using Command =
    std::variant<InitCommand, ImportCommand, GenerateCommand, EventsCommand, TransfersCommand, BalancesCommand,
                 ViolationsCommand, RentalsCommand, ListCommand, KpiCommand, FindingsCommand, HeadCommand,
                 VerifyCommand, RebuildCommand, RecoverCommand, BackupCommand, RestoreCommand, StatsCommand>;

struct Invocation {
  CommonOptions common;
  std::string verb;
  Command command;
};

/// The run is over before it began: help, version, or a wrong command line.
struct ParseEnd {
  Exit exit = Exit::kDone;
  bool json = false;
  std::string text;  ///< For stdout when `exit` is kDone; else the reason, for one line of stderr.
};

/// What a verb takes, as it was declared for parsing.
struct OptionDefinition {
  std::string name;                  ///< `--after`
  std::string word;                  ///< Stands for its value (`TIME`); empty: a flag.
  std::vector<std::string> choices;  ///< The only values there are; empty: any.
  std::string what;
};

struct VerbDefinition {
  std::string name;
  std::vector<OptionDefinition> options;
};

/// Every verb of this version, in the order of `carnet --help`.
[[nodiscard]] std::vector<VerbDefinition> verb_definitions();

[[nodiscard]] std::variant<Invocation, ParseEnd> parse_command_line(int argc, const char* const* argv);

}  // namespace carnet::tool
