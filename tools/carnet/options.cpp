// SPDX-License-Identifier: Apache-2.0
//
// The only file that knows CLI11. Numbers and times are read here, not by the library: it takes octal and floats.
#include "options.hpp"

#include "base/limits.hpp"
#include "describe.hpp"
#include "help.hpp"

#include <carnet/rental/kpi.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <utility>

namespace carnet::tool {

namespace {

[[noreturn]] void refuse(std::string_view option, std::string_view why) {
  throw CLI::ValidationError(std::string(option), std::string(why));
}

std::optional<std::uint64_t> natural(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  return !text.empty() && parsed.ec == std::errc() && parsed.ptr == end ? std::optional(value) : std::nullopt;
}

std::optional<Moment> moment(std::string_view text) {
  if (const auto time = parse_timestamp(text)) {
    return *time;
  }
  const auto day = parse_local_date(text);
  return day && is_day_in_range(*day) ? std::optional<Moment>(*day) : std::nullopt;
}

void parse_into(std::string_view option, const std::string& text, std::uint64_t& out) {
  const auto value = natural(text);
  if (!value) {
    refuse(option, "expected a whole number");
  }
  out = *value;
}

void parse_into(std::string_view option, const std::string& text, std::optional<Moment>& out) {
  out = moment(text);
  if (!out) {
    refuse(option, "expected a time (2024-01-31T08:00:00Z) or a day (2024-01-31) of the years 1678 to 2261");
  }
}

void parse_into(std::string_view option, const std::string& text, std::optional<KnownAt>& out) {
  if (const auto position = natural(text)) {
    out = KnownAt(*position);
  } else if (const auto time = moment(text)) {
    out = KnownAt(*time);
  } else {
    refuse(option, "expected a position, a time (2024-01-31T08:00:00Z) or a day (2024-01-31)");
  }
}

void parse_into(std::string_view option, const std::string& text, std::optional<Zone>& out) {
  auto zone = Zone::find(text);
  if (!zone) {
    refuse(option, zone.error().message());
  }
  out = *std::move(zone);
}

/// One verb's options, each with the word that stands for its value.
class VerbOptions {
 public:
  explicit VerbOptions(CLI::App& app) : app_(app) {}

  VerbOptions& ledger(std::filesystem::path& out, bool is_required = true) {
    app_.add_option("LEDGER", out)->required(is_required)->check(not_empty());
    return *this;
  }

  VerbOptions& positional(const char* name, std::string& out, bool is_required) {
    app_.add_option(name, out)->required(is_required)->check(not_empty());
    return *this;
  }

  VerbOptions& flag(const char* name, bool& out, const char* what) {
    app_.add_flag(name, out, what);
    return *this;
  }

  template <class Value>
  VerbOptions& value(const char* name, Value& out, const char* word, const char* what) {
    CLI::Option* option = nullptr;
    if constexpr (std::is_same_v<Value, std::string> || std::is_same_v<Value, std::filesystem::path>) {
      option = app_.add_option(name, out, what)->check(not_empty());
    } else {
      const auto parse = [name, &out](const std::string& text) { parse_into(name, text, out); };
      option = app_.add_option_function<std::string>(name, parse, what);
    }
    option->type_name(word)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    return *this;
  }

  template <class Value>
  VerbOptions& choice(const char* name, Value& out, const char* word, const char* what,
                      std::vector<std::pair<std::string, Value>> values) {
    const auto parse = [name, &out, word, values = std::move(values)](const std::string& text) {
      const auto found = std::ranges::find(values, text, &std::pair<std::string, Value>::first);
      if (found == values.end()) {
        refuse(name, fmt::format("expected {}", word));
      }
      out = found->second;
    };
    app_.add_option_function<std::string>(name, parse, what)->type_name(word);
    return *this;
  }

  VerbOptions& zone(std::optional<Zone>& out) {
    return value("--zone", out, "IANA", "zone of times, days and months (default: the ledger's business zone)");
  }

  /// Options of the contract that this version cannot answer exactly.
  VerbOptions& not_yet(std::initializer_list<const char*> names) {
    for (const char* name : names) {
      const auto refuse_it = [name](const std::string&) {
        refuse(name, "states at another time are not in this version; balances and events can be asked for them");
      };
      app_.add_option_function<std::string>(name, refuse_it)->group("");
    }
    return *this;
  }

 private:
  /// An empty text is a shell variable that was not set, never a wish.
  static CLI::Validator not_empty() {
    return {[](const std::string& text) { return std::string(text.empty() ? "must not be empty" : ""); }, ""};
  }

  CLI::App& app_;
};

/// Declares every verb; `done` receives the command of the verb that was given.
class Verbs {
 public:
  explicit Verbs(CLI::App& app) : app_(app) {}

  [[nodiscard]] Command take() { return std::move(*command_); }

  void declare() {
    declare_setup();
    declare_log();
    declare_books();
    declare_states();
    declare_care();
  }

 private:
  enum class Place : std::uint8_t { kFirst, kBehind };

  /// `place`: where LEDGER stands among the verb's words.
  template <class Options>
  VerbOptions verb(const char* name, Options& options, std::function<void()> check = {}, Place place = Place::kFirst) {
    CLI::App* sub = app_.add_subcommand(name);
    sub->fallthrough();
    sub->callback([this, &options, check = std::move(check)] {
      if (check) {
        check();
      }
      command_ = options;
    });
    VerbOptions out(*sub);
    if (place == Place::kFirst) {
      out.ledger(options.ledger);
    }
    return out;
  }

  void declare_setup() {
    init_ = {.ledger = {},
             .origin = "carnet",
             .bare = false,
             .go_live = {},
             .zone = "UTC",
             .currency = "EUR",
             .jurisdiction = "unspecified",
             .keys = {}};
    verb("init", init_, [this] { check_init(); })
        .value("--origin", init_.origin, "NAME", "operator or system that proofs name (default: carnet)")
        .flag("--bare", init_.bare, "only LedgerCreated: no LedgerOpened, no rule sets")
        .value("--go-live", init_.go_live, "TIME", "what occurred before may be imported as history (default: now)")
        .value("--zone", init_.zone, "IANA", "time zone of the business (default: UTC)")
        .value("--currency", init_.currency, "CUR", "base currency (default: EUR)")
        .value("--jurisdiction", init_.jurisdiction, "CC", "country of the business (default: unspecified)")
        .value("--keys", init_.keys, "DIR", "folder of the keys of personal data (default: LEDGER.keys)");

    verb("import", import_)
        .positional("FILE", import_.file, true)
        .choice("--on-refusal", import_.on_refusal, "stop|skip", "after a refused or rejected line (default: stop)",
                {{"stop", OnRefusal::kStop}, {"skip", OnRefusal::kSkip}})
        .flag("--dry-run", import_.dry_run, "decide every line against the ledger as it is, write nothing")
        .value("--results", import_.results, "FILE", "write one JSON object a line: what became of it")
        .value("--keys", import_.keys, "DIR", "folder of the keys of personal data (default: LEDGER.keys)");
  }

  void check_init() const {
    if (init_.bare && (init_.go_live || app_.get_subcommand("init")->count("--zone") > 0 ||
                       app_.get_subcommand("init")->count("--currency") > 0 ||
                       app_.get_subcommand("init")->count("--jurisdiction") > 0)) {
      refuse("--bare", "writes no LedgerOpened, which --go-live, --zone, --currency and --jurisdiction are for");
    }
    if (const auto zone = Zone::find(init_.zone); !zone) {
      refuse("--zone", zone.error().message());
    }
    if (!Currency::parse(init_.currency)) {
      refuse("--currency", "expected an ISO 4217 code such as EUR");
    }
    const bool is_country = init_.jurisdiction.size() == 2 &&
                            std::ranges::all_of(init_.jurisdiction, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (!is_country && init_.jurisdiction != "unspecified") {
      refuse("--jurisdiction", "expected two capital letters (ISO 3166-1), or unspecified");
    }
  }

  void declare_log() {
    verb("events", events_,
         [this] {
           const bool filters = !events_.stream.empty() || !events_.tag.empty() || !events_.type.empty() ||
                                events_.after > 0 || events_.limit > 0;
           if (events_.do_export && filters) {
             refuse("--export", "takes no filter: it prints the whole ledger");
           }
         })
        .value("--stream", events_.stream, "S", "only events of this stream (violation/A100)")
        .value("--tag", events_.tag, "T", "only events with this tag (external/A100)")
        .value("--type", events_.type, "X", "only events of this type (PaymentReceived)")
        .value("--after", events_.after, "P", "only positions behind P")
        .value("--limit", events_.limit, "N", "at most N events")
        .flag("--export", events_.do_export, "one commit a line, in the form that import reads")
        .zone(events_.zone);
    verb("head", head_)
        .value("--command", head_.command, "K", "the receipt of the commit that this command made")
        .zone(head_.zone);
  }

  void declare_books() {
    verb("transfers", transfers_)
        .value("--account", transfers_.account, "PATH", "only transfers from or to this account, or one below it")
        .value("--tag", transfers_.tag, "T", "only of events with this tag")
        .value("--from", transfers_.from, "TIME", "occurred at TIME or later; a day: from its start")
        .value("--to", transfers_.to, "TIME", "occurred at TIME or earlier; a day: to its end")
        .value("--after", transfers_.after, "P", "only of events behind position P")
        .value("--limit", transfers_.limit, "N", "at most N transfers")
        .zone(transfers_.zone);
    verb("balances", balances_,
         [this] {
           if (balances_.by != BalancesBy::kAccount && (!balances_.after.empty() || balances_.limit > 0)) {
             refuse("--by", "adds up all of them: it goes with no --after or --limit");
           }
         })
        .value("--account", balances_.account, "PATH", "only this account and those below it")
        .choice("--by", balances_.by, "month|chart",
                "what each month booked (by bookedAt); or one line a row of the chart",
                {{"month", BalancesBy::kMonth}, {"chart", BalancesBy::kChart}})
        .value("--as-of", balances_.as_of, "TIME", "only what had occurred by TIME; a day: by its end")
        .value("--known-at", balances_.known_at, "POSITION|TIME", "only what was recorded by then")
        .value("--after", balances_.after, "PATH", "begin behind this account, in order of paths")
        .value("--limit", balances_.limit, "N", "at most N accounts")
        .zone(balances_.zone);
  }

  void declare_states() {
    verb("violations", violations_,
         [this] {
           if (violations_.sum && (!violations_.id.empty() || !violations_.after.empty() || violations_.limit > 0)) {
             refuse("--sum", "sums all violations: it goes with no ID, --after or --limit");
           }
           check_one(violations_.id, violations_.after, violations_.limit);
         })
        .positional("ID", violations_.id, false)
        .flag("--sum", violations_.sum, "one line a currency over all of them")
        .value("--after", violations_.after, "ID", "begin behind this one")
        .value("--limit", violations_.limit, "N", "at most N")
        .not_yet({"--as-of", "--known-at"});
    verb("rentals", rentals_, [this] { check_one(rentals_.id, rentals_.after, rentals_.limit); })
        .positional("ID", rentals_.id, false)
        .value("--after", rentals_.after, "ID", "begin behind this one")
        .value("--limit", rentals_.limit, "N", "at most N")
        .zone(rentals_.zone)
        .not_yet({"--as-of", "--known-at"});
    declare_kpi();
    declare_findings();
  }

  void declare_kpi() {
    verb("kpi", kpi_,
         [this] {
           if (!kpi_.window.empty()) {
             if (const auto window = parse_window(kpi_.window, "UTC"); !window) {
               refuse("--window", window.error().message());
             }
           }
         })
        .positional("KPI", kpi_.kpi, false)
        .value("--window", kpi_.window, "WINDOW", "2026-09, 2026-W40, 2026-Q3, 2026-H2, 2026, or FROM..TO without TO")
        .value("--known-at", kpi_.known_at, "POSITION|TIME", "only what was recorded by then")
        .flag("--include-history", kpi_.include_history, "count what occurred before the ledger's go-live too")
        .zone(kpi_.zone);
  }

  void declare_findings() {
    verb("findings", findings_,
         [this] {
           check_one(findings_.id, findings_.after, findings_.limit);
           for (const std::string& id : {findings_.id, findings_.after}) {
             const std::size_t point = std::min(id.find('.'), id.size());
             if (!id.empty() && (!natural(id.substr(0, point)) ||
                                 (point < id.size() && !natural(std::string_view(id).substr(point + 1))))) {
               refuse("ID", "expected a position, or a position and a number: 633.1");
             }
           }
         })
        .positional("ID", findings_.id, false)
        .value("--code", findings_.code, "CODE", "only findings of this code (PaidAfterAssignment)")
        .choice<std::string>("--severity", findings_.severity, "info|warning|breach", "only findings of this severity",
                             {{"info", "info"}, {"warning", "warning"}, {"breach", "breach"}})
        .value("--tag", findings_.tag, "T", "only of events with this tag (violation/A100)")
        .value("--as-of", findings_.as_of, "TIME", "only of what had occurred by TIME; a day: by its end")
        .value("--known-at", findings_.known_at, "POSITION|TIME", "only of what was recorded by then")
        .value("--after", findings_.after, "ID", "begin behind this one")
        .value("--limit", findings_.limit, "N", "at most N")
        .zone(findings_.zone);
  }

  static void check_one(std::string_view id, std::string_view after, std::uint64_t limit) {
    if (!id.empty() && (!after.empty() || limit > 0)) {
      refuse("ID", "names one: it goes with no --after or --limit");
    }
  }

  void declare_care() {
    verb("verify", verify_);
    recover_.approver = "operator";
    verb("recover", recover_,
         [this] {
           if (!accepts_loss_) {
             refuse("--accept-loss", "say it: what stands behind the last good commit is given up for ever");
           }
           const bool is_id =
               recover_.approver.size() <= kIdBytesMax && std::ranges::all_of(recover_.approver, [](unsigned char c) {
                 return std::isalnum(c) != 0 || c == '.' || c == '_' || c == ':' || c == '-';
               });
           if (!is_id) {
             refuse("--approver", "expected an id: 1 to 64 of A-Z a-z 0-9 . _ : -");
           }
         })
        .flag("--accept-loss", accepts_loss_, "go on with what is left, and write down what was lost")
        .value("--approver", recover_.approver, "ID", "who takes the loss upon them (default: operator)")
        .value("--keys", recover_.keys, "DIR", "folder of the keys of personal data (default: LEDGER.keys)");
    verb("rebuild", rebuild_)
        .value("--projection", rebuild_.projection, "NAME", "only this one (default: all)")
        .value("--keys", rebuild_.keys, "DIR", "folder of the keys of personal data (default: LEDGER.keys)");
    verb("backup", backup_).positional("DIR", backup_.folder, true);
    verb(
        "restore", restore_, [this] { check_restore(); }, Place::kBehind)
        .positional("DIR", restore_.folder, true)
        .ledger(restore_.ledger, false)
        .value("--number", restore_.number, "N", "the backup to take (default: the newest)")
        .flag("--quick", restore_.quick, "check files, root and fingerprints, but fold nothing anew")
        .flag("--list", restore_.list, "print the backups in DIR, restore nothing")
        .zone(restore_.zone);
    verb("stats", stats_, [this] {
      if (stats_.prometheus && app_.count("--json") > 0) {
        refuse("--prometheus", "is a form of its own: it goes with no --json");
      }
    }).flag("--prometheus", stats_.prometheus, "in the text format of Prometheus");
  }

  void check_restore() const {
    if (restore_.list && (!restore_.ledger.empty() || restore_.number > 0 || restore_.quick)) {
      refuse("--list", "restores nothing: it goes with no LEDGER, --number or --quick");
    }
    if (!restore_.list && restore_.ledger.empty()) {
      refuse("LEDGER", "is required: the folder of the new ledger");
    }
  }

  CLI::App& app_;
  std::optional<Command> command_;
  InitCommand init_;
  ImportCommand import_;
  EventsCommand events_;
  TransfersCommand transfers_;
  BalancesCommand balances_;
  ViolationsCommand violations_;
  RentalsCommand rentals_;
  KpiCommand kpi_;
  FindingsCommand findings_;
  HeadCommand head_;
  VerifyCommand verify_;
  RecoverCommand recover_;
  bool accepts_loss_ = false;
  RebuildCommand rebuild_;
  BackupCommand backup_;
  RestoreCommand restore_;
  StatsCommand stats_;
};

VerbDefinition definition_of(const CLI::App& sub) {
  VerbDefinition out{sub.get_name(), {}};
  for (const CLI::Option* option : sub.get_options()) {
    if (option->get_group().empty() || option->get_positional() || option->check_name("--help")) {
      continue;
    }
    OptionDefinition one{option->get_name(), {}, {}, option->get_description()};
    if (option->get_expected_max() > 0) {
      one.word = option->get_type_name();
    }
    // A choice is written as its values: `stop|skip`. Words that stand for a value are in capitals.
    const bool is_choice = std::ranges::any_of(one.word, [](char c) { return c >= 'a' && c <= 'z'; });
    for (std::size_t at = 0; is_choice && at <= one.word.size();) {
      const std::size_t end = std::min(one.word.find('|', at), one.word.size());
      one.choices.push_back(one.word.substr(at, end - at));
      at = end + 1;
    }
    out.options.push_back(std::move(one));
  }
  return out;
}

/// A verb's help: usage and words from help.cpp, options from what was declared.
std::string help_of_verb(const CLI::App& sub) {
  const VerbHelp& help = verb_help(sub.get_name());
  std::string out = fmt::format("Usage: carnet {} {}\n\n{}\n", sub.get_name(), help.usage, help.what);
  std::string options;
  for (const OptionDefinition& option : definition_of(sub).options) {
    options += fmt::format("  {:<26} {}\n", option.name + (option.word.empty() ? "" : " " + option.word), option.what);
  }
  if (!options.empty()) {
    out += fmt::format("\n{}", options);
  }
  return out + fmt::format("\nExample:\n  {}\n", help.example);
}

/// What the verb does not take: the first option, or else the first word that is too many. Empty: something else is
/// wrong.
std::string unexpected(const CLI::App& app) {
  const std::vector<std::string> words = app.remaining(true);
  const auto option = std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
  if (option != words.end()) {
    return fmt::format("{} is no option of it", *option);
  }
  return words.empty() ? std::string() : fmt::format("{} is one word too many", words.front());
}

ParseEnd end_by_error(const CLI::App& app, const CLI::ParseError& error, bool json, std::string_view first_word) {
  const auto subs = app.get_subcommands();
  if (!subs.empty()) {
    const std::string verb = subs.front()->get_name();
    if (const auto extra = unexpected(app); !extra.empty()) {
      return {Exit::kUsage, json, fmt::format("{}: {}; `carnet {} --help` shows how", verb, extra, verb)};
    }
    return {Exit::kUsage, json, fmt::format("{}: {}; `carnet {} --help` shows how", verb, error.what(), verb)};
  }
  if (first_word.empty()) {
    return {Exit::kUsage, json, "no verb was given; `carnet --help` lists them"};
  }
  if (is_later_verb(first_word)) {
    return {Exit::kUsage, json, fmt::format("{}: not in this version; `carnet --help` lists what is", first_word)};
  }
  return {Exit::kUsage, json, fmt::format("{}: no such verb or option; `carnet --help` lists them", first_word)};
}

}  // namespace

std::vector<VerbDefinition> verb_definitions() {
  CLI::App app;
  app.set_help_flag("-h,--help");
  Verbs verbs(app);
  verbs.declare();
  std::vector<VerbDefinition> out;
  for (const VerbHelp& help : all_verb_help()) {
    out.push_back(definition_of(*app.get_subcommand(std::string(help.name))));
  }
  return out;
}

std::variant<Invocation, ParseEnd> parse_command_line(int argc, const char* const* argv) {
  Invocation out;
  CLI::App app;
  app.set_help_flag("-h,--help");
  app.add_flag("--json", out.common.json, "machine output");
  app.add_flag("--accept-clock", out.common.accept_clock, "confirm a clock that jumped");
  app.set_version_flag("--version", "");
  std::string describe;
  const auto take_description = [&describe](const std::string& form) {
    describe = description(form);
    if (describe.empty()) {
      refuse("--describe", "expected bash|zsh|man");
    }
    throw CLI::Success();
  };
  app.add_option_function<std::string>("--describe", take_description)->group("")->trigger_on_parse();
  app.require_subcommand(1, 1);
  app.prefix_command(false);
  Verbs verbs(app);
  verbs.declare();

  bool json = false;
  std::string_view first_word;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    json = json || word == "--json";
    if (first_word.empty() && word != "--json" && word != "--accept-clock") {
      first_word = word;
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForVersion&) {
    return ParseEnd{Exit::kDone, json, fmt::format("carnet {} (ledger format {})\n", CARNET_VERSION, kFormatVersion)};
  } catch (const CLI::CallForHelp&) {
    const auto subs = app.get_subcommands();
    return ParseEnd{Exit::kDone, json, subs.empty() ? general_help() : help_of_verb(*subs.front())};
  } catch (const CLI::Success&) {
    return ParseEnd{Exit::kDone, json, std::move(describe)};
  } catch (const CLI::ParseError& error) {
    return end_by_error(app, error, json, first_word);
  }
  out.verb = app.get_subcommands().front()->get_name();
  out.command = verbs.take();
  return out;
}

}  // namespace carnet::tool
