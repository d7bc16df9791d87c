// SPDX-License-Identifier: Apache-2.0
#include "declarations.hpp"

#include "base/limits.hpp"
#include "lists.hpp"
#include "verb_options.hpp"

#include <carnet/rental/kpi.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace carnet::tool {

namespace {

constexpr std::uint64_t kRentalsADayMax = 100'000;

/// Declares every verb; `done` receives the command of the verb that was given.
class Verbs {
 public:
  explicit Verbs(CLI::App& app) : app_(app) {}

  [[nodiscard]] Command take() { return std::move(*command_); }

  void declare() {
    declare_setup();
    declare_generate();
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

  void declare_generate() {
    verb("generate", generate_,
         [this] {
           if (generate_.rentals == 0) {
             refuse("--rentals", "say how many: 1 or more");
           }
           if (generate_.a_day == 0 || generate_.a_day > kRentalsADayMax) {
             refuse("--per-day", fmt::format("expected 1 to {}", kRentalsADayMax));
           }
         })
        .value("--rentals", generate_.rentals, "N", "how many rentals; about 30 events each")
        .value("--seed", generate_.seed, "S", "another seed, another history (default: 1)")
        .value("--per-day", generate_.a_day, "N", "so many begin a day; memory is for those that run (default: 1000)");
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
        .page(violations_.after, violations_.limit)
        .at(violations_.as_of, violations_.known_at)
        .zone(violations_.zone);
    verb("rentals", rentals_, [this] { check_one(rentals_.id, rentals_.after, rentals_.limit); })
        .positional("ID", rentals_.id, false)
        .page(rentals_.after, rentals_.limit)
        .at(rentals_.as_of, rentals_.known_at)
        .zone(rentals_.zone);
    declare_lists();
    declare_kpi();
    declare_findings();
  }

  void declare_lists() {
    lists_.resize(list_verbs().size());
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      ListCommand& list = lists_[i];
      verb(std::string(list_verbs()[i].name).c_str(), list, [&list] { check_one(list.id, list.after, list.limit); })
          .positional("ID", list.id, false)
          .page(list.after, list.limit)
          .at(list.as_of, list.known_at)
          .zone(list.zone);
    }
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
  GenerateCommand generate_;
  EventsCommand events_;
  TransfersCommand transfers_;
  BalancesCommand balances_;
  ViolationsCommand violations_;
  RentalsCommand rentals_;
  std::vector<ListCommand> lists_;  // of list_verbs(), one each
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

}  // namespace

DeclaredVerbs declare_verbs(CLI::App& app) {
  auto verbs = std::make_shared<Verbs>(app);
  verbs->declare();
  return {[verbs] { return verbs->take(); }};
}

}  // namespace carnet::tool
