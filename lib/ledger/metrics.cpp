// SPDX-License-Identifier: Apache-2.0
//
// The page of metrics: a table of what has a name of its own, and a rule for every other number among the figures.
#include "ledger/metrics.hpp"

#include "base/bytes.hpp"

#include <carnet/metrics.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace carnet::ledger {

namespace {

enum class MetricKind : std::uint8_t { kGauge, kCounter };

struct MetricRow {
  std::string_view fact;
  std::string_view metric;
  MetricKind kind = MetricKind::kGauge;
  std::string_view help;
  std::string_view label = {};  ///< `database="log"`
};

using enum MetricKind;

constexpr auto kRows = std::to_array<MetricRow>({
    {"position", "carnet_position", kGauge, "Position of the last event."},
    {"commits", "carnet_commits", kGauge, "Commits in the log."},
    {"durablePosition", "carnet_durable_position", kGauge, "Last position that survives a power loss."},
    {"checkpointPosition", "carnet_checkpoint_position", kGauge, "Position up to which the views are published."},
    {"sealedPosition", "carnet_sealed_position", kGauge, "Position up to which the log is sealed."},
    {"chains", "carnet_chains", kGauge, "Streams and tags."},
    {"accounts", "carnet_accounts", kGauge, "Ledger accounts."},
    {"types", "carnet_event_types", kGauge, "Event types in the log."},
    {"codes", "carnet_codes", kGauge, "Codes in the log."},
    {"groups", "carnet_append_groups_total", kCounter, "Groups of requests that were written together."},
    {"commitsAppended", "carnet_append_commits_total", kCounter, "Commits appended since opening."},
    {"eventsAppended", "carnet_append_events_total", kCounter, "Events appended since opening."},
    {"refusals", "carnet_append_refusals_total", kCounter, "Requests that the rules refused since opening."},
    {"duplicates", "carnet_append_duplicates_total", kCounter, "Requests that had landed before, since opening."},
    {"clockClamped", "carnet_clock_clamped_total", kCounter,
     "Commits whose time was raised because the system clock went back, since opening."},
    {"pagesResidentBytes", "carnet_pages_bytes", kGauge, "Bytes of state pages in memory.", R"(kind="resident")"},
    {"pagesDirtyBytes", "carnet_pages_bytes", kGauge, "Bytes of state pages in memory.", R"(kind="dirty")"},
    {"indexNewestBytes", "carnet_newest_bytes", kGauge, "Bytes that wait in memory for the next checkpoint.",
     R"(part="index")"},
    {"catalogNewestBytes", "carnet_newest_bytes", kGauge, "Bytes that wait in memory for the next checkpoint.",
     R"(part="catalog")"},
    {"log.stalls", "carnet_log_stalls_total", kCounter, "Times that RocksDB slowed or stopped writes to the log."},
    {"log.backgroundErrors", "carnet_log_background_errors_total", kCounter,
     "Background errors of the log's database."},
    {"log.tailFrameBytes", "carnet_log_tail_frame_bytes", kGauge, "Bytes of frames that are not sealed."},
    {"log.tailTableBytes", "carnet_table_bytes", kGauge, "Bytes of table files.", R"(database="log",family="tail")"},
    {"log.sealedTableBytes", "carnet_table_bytes", kGauge, "Bytes of table files.",
     R"(database="log",family="sealed")"},
    {"views.index.bytes", "carnet_table_bytes", kGauge, "Bytes of table files.", R"(database="views",family="index")"},
    {"views.state.bytes", "carnet_table_bytes", kGauge, "Bytes of table files.", R"(database="views",family="state")"},
    {"views.tree.bytes", "carnet_table_bytes", kGauge, "Bytes of table files.", R"(database="views",family="tree")"},
    {"views.chains.bytes", "carnet_table_bytes", kGauge, "Bytes of table files.",
     R"(database="views",family="chains")"},
    {"log.writeAheadLogBytes", "carnet_log_write_ahead_log_bytes", kGauge, "Bytes of the write-ahead log."},
    {"log.memtableBytes", "carnet_log_memtable_bytes", kGauge, "Bytes of the log's memtables."},
    {"log.cacheBytes", "carnet_cache_bytes", kGauge, "Bytes in the block cache.", R"(database="log")"},
    {"views.cache.bytes", "carnet_cache_bytes", kGauge, "Bytes in the block cache.", R"(database="views")"},
    {"log.cacheBytesMax", "carnet_cache_capacity_bytes", kGauge, "Size of the block cache.", R"(database="log")"},
    {"views.cache.capacity", "carnet_cache_capacity_bytes", kGauge, "Size of the block cache.", R"(database="views")"},
});

constexpr std::string_view kLatencyBucketsFact = "appendLatency.buckets";
constexpr std::string_view kLatencySumFact = "appendLatency.sumNs";
constexpr std::string_view kGroupSizesFact = "groupSizes";
/// These say again what another figure says.
constexpr auto kLeftOut = std::to_array<std::string_view>(
    {"log.position", "log.commits", "log.durablePosition", "log.sealedPosition", kLatencySumFact});

/// A metric's lines, kept until all ledgers were asked: HELP and TYPE stand once.
struct Metric {
  std::string type;
  std::string help;
  std::string samples;
};

class Page {
 public:
  void add(const std::string& ledger, const std::vector<Fact>& facts) {
    ledger_label_ = fmt::format("ledger=\"{}\"", escaped(ledger));
    for (const Fact& fact : facts) {
      add(fact, facts);
    }
  }

  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [name, metric] : metrics_) {
      out += fmt::format("# HELP {} {}\n# TYPE {} {}\n{}", name, metric.help, name, metric.type, metric.samples);
    }
    return out;
  }

 private:
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '\n') {
        out += "\\n";
        continue;
      }
      out += c == '"' || c == '\\' ? "\\" : "";
      out += c;
    }
    return out;
  }

  static std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool is_whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return is_whole ? std::optional(value) : std::nullopt;
  }

  static std::vector<std::uint64_t> numbers(std::string_view text) {
    std::vector<std::uint64_t> out;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      out.push_back(number(text.substr(0, end)).value_or(0));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
  }

  /// `log.tailPendingCompactionBytes` → `carnet_log_tail_pending_compaction_bytes`
  static std::string metric_name(std::string_view fact) {
    std::string out = "carnet_";
    for (const char c : fact) {
      if (c >= 'A' && c <= 'Z') {
        out += '_';
        out += static_cast<char>(c - 'A' + 'a');
      } else {
        out += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '_';
      }
    }
    return out;
  }

  void sample(const std::string& name, std::string_view type, std::string_view help, std::string_view suffix,
              std::string_view label, std::string_view value) {
    Metric& metric = metrics_[name];
    metric.type = type;
    metric.help = help;
    metric.samples +=
        fmt::format("{}{}{{{}{}{}}} {}\n", name, suffix, ledger_label_, label.empty() ? "" : ",", label, value);
  }

  void add(const Fact& fact, const std::vector<Fact>& all) {
    if (fact.name == kLatencyBucketsFact) {
      const auto sum = std::ranges::find(all, kLatencySumFact, &Fact::name);
      const std::uint64_t ns = sum == all.end() ? 0 : number(sum->value).value_or(0);
      constexpr double kMicrosecond = 1e-6;
      constexpr double kNanosecond = 1e-9;
      const auto bound = [](std::uint64_t power) {
        return fmt::format("{}", kMicrosecond * static_cast<double>(power));
      };
      histogram("carnet_append_seconds", "Time that a call of append or append_batch took.", numbers(fact.value), bound,
                fmt::format("{}", kNanosecond * static_cast<double>(ns)));
      return;
    }
    if (fact.name == kGroupSizesFact) {
      // Bucket i counts groups of 2^i up to 2^(i+1) - 1 commits.
      const auto total = std::ranges::find(all, "commitsAppended", &Fact::name);
      const auto bound = [](std::uint64_t power) { return fmt::to_string(2 * power - 1); };
      histogram("carnet_append_group_commits", "Commits of a group that was written together.", numbers(fact.value),
                bound, total == all.end() ? "0" : total->value);
      return;
    }
    const auto value = number(fact.value);
    if (!value || std::ranges::find(kLeftOut, fact.name) != kLeftOut.end() || add_projection(fact)) {
      return;
    }
    const auto* const row = std::ranges::find(kRows, fact.name, &MetricRow::fact);
    if (row != kRows.end()) {
      sample(std::string(row->metric), row->kind == kCounter ? "counter" : "gauge", row->help, "", row->label,
             fact.value);
    } else {
      sample(metric_name(fact.name), "gauge", fmt::format("Figure {} of the ledger.", fact.name), "", "", fact.value);
    }
  }

  /// `projection.NAME.lag`; NAME may hold points.
  bool add_projection(const Fact& fact) {
    constexpr std::string_view kPrefix = "projection.";
    const std::size_t end = fact.name.rfind('.');
    if (!fact.name.starts_with(kPrefix) || end <= kPrefix.size()) {
      return false;
    }
    const std::string label = fmt::format(
        "projection=\"{}\"", escaped(std::string_view(fact.name).substr(kPrefix.size(), end - kPrefix.size())));
    const std::string_view what = std::string_view(fact.name).substr(end + 1);
    const std::string_view help = what == "lag"        ? "Events that a catch-up projection is behind the log."
                                  : what == "position" ? "Position up to which a catch-up projection is."
                                  : what == "parkedAt" ? "Position of the event that parked a projection; 0: it runs."
                                                       : "Figure of a projection.";
    sample(what == "lag" ? "carnet_projection_lag_events" : metric_name(fmt::format("projection.{}", what)), "gauge",
           help, "", label, fact.value);
    return true;
  }

  /// `bound` of 2^i is that of bucket i; the last bucket has none.
  template <class Bound>
  void histogram(const std::string& name, std::string_view help, const std::vector<std::uint64_t>& counts, Bound bound,
                 std::string_view sum) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      total += counts[i];
      const std::string le = i + 1 == counts.size() ? "+Inf" : bound(std::uint64_t{1} << i);
      sample(name, "histogram", help, "_bucket", fmt::format("le=\"{}\"", le), fmt::to_string(total));
    }
    sample(name, "histogram", help, "_sum", "", sum);
    sample(name, "histogram", help, "_count", "", fmt::to_string(total));
  }

  std::map<std::string, Metric> metrics_;
  std::string ledger_label_;
};

}  // namespace

}  // namespace carnet::ledger

namespace carnet {

Result<std::string> prometheus_text(std::span<const MetricsSource> sources) {
  ledger::Page page;
  for (const MetricsSource& source : sources) {
    CARNET_TRY(const std::vector<Fact> facts, source.ledger->stats());
    page.add(source.name.empty() ? base::to_hex(source.ledger->head().ledger_id) : source.name, facts);
  }
  return page.text();
}

Result<std::string> prometheus_text(Ledger& ledger) {
  const MetricsSource source{&ledger, {}};
  return prometheus_text(std::span(&source, 1));
}

}  // namespace carnet
