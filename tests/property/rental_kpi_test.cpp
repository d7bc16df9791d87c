// SPDX-License-Identifier: Apache-2.0
//
// Goal: any window, known at any position, with history or without, has the value that a scan of the whole log gives;
// tables equal those rebuilt. Method: random events with corrections and reversals on few subjects, late ones among
// them; the model is a list of what was said, read from its beginning for each question.
#undef BOOST_TEST_MODULE  // main() is in rental_test.cpp
#include "support/rental_kpi.hpp"

#include "support/test_seed.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

using namespace carnet;
using namespace carnet::test;

namespace {

enum class What : std::uint8_t {
  kRated,
  kReceived,
  kClassified,
  kDuplicate,
  kResolved,
  kReworked,
  kPlaced,
  kVoided,
  kTook,
  kBack
};
constexpr std::uint64_t kWhats = 10;

/// What an event says; `ended`: the position of what took it back or corrected it.
struct Said {
  What what = What::kRated;
  std::string subject;  ///< Account of a rating, case, order, contract.
  std::string party;
  std::string order;
  std::int64_t at = 0;
  int value = 0;
  bool history = false;
  std::uint64_t position = 0;
  std::uint64_t ended = 0;
};

constexpr std::int64_t kDay = 86'400;

/// The naive one.
class Model {
 public:
  Model(std::vector<Said> all, std::int64_t begin, std::int64_t end) : all_(std::move(all)), begin_(begin), end_(end) {}

  [[nodiscard]] std::string satisfied() const {
    std::map<std::string, Said> latest;
    for (const Said& one : all_) {
      if (one.what == What::kRated && within(one) && known(one)) {
        take_later(latest[one.party], one);
      }
    }
    const auto count = std::ranges::count_if(latest, [](const auto& each) { return each.second.value <= 2; });
    return fmt::format("K-02 {}/{} n={}", count, latest.size(), latest.size());
  }

  [[nodiscard]] std::string resolution() const {
    std::int64_t sum = 0;
    unsigned count = 0;
    unsigned aside = 0;
    for (const std::string& id : subjects(What::kResolved)) {
      const Said last = latest(What::kResolved, id);
      const Said rework = latest(What::kReworked, id);
      const Said start = latest(What::kReceived, id);
      if (!within(last) || start.position == 0 || latest(What::kDuplicate, id).position != 0 ||
          (rework.position != 0 && is_later(rework, last))) {
        continue;
      }
      aside += last.value == 0 ? 1U : 0U;
      count += last.value != 0 ? 1U : 0U;
      sum += last.value != 0 ? std::max<std::int64_t>(0, last.at - start.at) : 0;
    }
    return fmt::format("{}/{} n={}{}", sum, count, count, aside == 0 ? "" : fmt::format(" aside={}", aside));
  }

  [[nodiscard]] std::string complaints() const {
    std::set<std::string> complained;
    unsigned aside = 0;
    for (const Said& one : all_) {
      const Said category = latest(What::kClassified, one.subject);
      if (one.what != What::kReceived || !within(one) || !known(one) || category.position == 0 || category.value == 0 ||
          latest(What::kDuplicate, one.subject).position != 0) {
        continue;
      }
      const std::string order = order_of(one.subject);
      aside += order.empty() ? 1U : 0U;
      if (!order.empty()) {
        complained.insert(order);
      }
    }
    std::set<std::string> placed;
    for (const std::string& id : subjects(What::kPlaced)) {
      Said first;
      bool voided = false;
      for (const Said& one : all_) {
        if (one.what == What::kPlaced && one.subject == id && (first.position == 0 || is_later(first, one))) {
          first = one;
        }
        voided = voided || (one.what == What::kVoided && one.subject == id);
      }
      if (within(first) && known(first) && !voided) {
        placed.insert(id);
      }
    }
    return fmt::format("K-07 {}/{} n={}{}", complained.size(), placed.size(), placed.size(),
                       aside == 0 ? "" : fmt::format(" aside={}", aside));
  }

  [[nodiscard]] std::set<std::string> customers() const {
    std::map<std::string, std::vector<Said>> moves;
    for (const Said& one : all_) {
      if (one.what == What::kTook || one.what == What::kBack) {
        moves[one.subject].push_back(one);
      }
    }
    std::set<std::string> out;
    for (auto& [contract, list] : moves) {
      std::ranges::sort(list, [](const Said& a, const Said& b) {
        return std::tuple(a.at, a.what, a.position) < std::tuple(b.at, b.what, b.position);
      });
      bool found = false;
      const auto look = [&](const Said& from, std::int64_t to, bool is_open) {
        const bool overlaps = !is_open && from.at == to ? within(from) : from.at < end_ && (is_open || to > begin_);
        if (overlaps && known(from) && !found) {
          found = true;
          out.insert(from.party);
        }
      };
      const Said* begun = nullptr;
      for (const Said& one : list) {
        if (one.what == What::kTook) {
          begun = begun == nullptr ? &one : begun;
        } else {
          look(begun == nullptr ? one : *begun, one.at, false);
          begun = nullptr;
        }
      }
      if (begun != nullptr) {
        look(*begun, 0, true);
      }
    }
    return out;
  }

 private:
  [[nodiscard]] bool within(const Said& one) const { return one.at >= begin_ && one.at < end_; }

  [[nodiscard]] static bool known(const Said& one) { return one.party.starts_with("account/"); }

  [[nodiscard]] static bool is_later(const Said& a, const Said& b) {
    return std::pair(a.at, a.position) > std::pair(b.at, b.position);
  }

  static void take_later(Said& into, const Said& one) {
    if (into.position == 0 || is_later(one, into)) {
      into = one;
    }
  }

  [[nodiscard]] Said latest(What what, const std::string& subject) const {
    Said out;
    for (const Said& one : all_) {
      if (one.what == what && one.subject == subject) {
        take_later(out, one);
      }
    }
    return out;
  }

  [[nodiscard]] std::set<std::string> subjects(What what) const {
    std::set<std::string> out;
    for (const Said& one : all_) {
      if (one.what == what) {
        out.insert(one.subject);
      }
    }
    return out;
  }

  [[nodiscard]] std::string order_of(const std::string& of_case) const {
    Said out;
    for (const Said& one : all_) {
      if (one.subject == of_case && !one.order.empty()) {
        take_later(out, one);
      }
    }
    return out.order;
  }

  std::vector<Said> all_;
  std::int64_t begin_;
  std::int64_t end_;
};

class KpiRun : public KpiFixture {
 public:
  explicit KpiRun(std::mt19937_64& random) : random_(random) {}

  void step() {
    std::vector<std::size_t> standing;
    for (std::size_t i = 0; i < said_.size(); ++i) {
      if (said_[i].ended == 0) {
        standing.push_back(i);
      }
    }
    if (!standing.empty() && pick(5) == 0) {
      take_back(standing[pick(standing.size())], pick(2) == 0);
      return;
    }
    Said one = any();
    const EventDraft draft = draft_of(one);
    one.position = accept(one.history ? history({draft}) : decision({draft}));
    roots_[one.position] = {draft, one};
    root_of_[one.position] = one.position;
    said_.push_back(std::move(one));
  }

  void compare() {
    const std::int64_t first = day(0).ns / kNsPerSecond / kDay + static_cast<std::int64_t>(pick(90));
    const std::int64_t days = 1 + static_cast<std::int64_t>(pick(40));
    const std::uint64_t known_at = pick(3) == 0 ? here() : pick(here() + 1);
    const bool with_history = pick(2) == 0;
    const auto date = [](std::int64_t number) { return to_text(LocalDate{static_cast<std::int32_t>(number)}); };
    const std::string window = date(first) + ".." + date(first + days);
    const Model now = model(first, first + days, known_at, with_history);
    const auto value = [&](std::string_view id) { return kpi(id, window, "UTC", known_at, with_history); };
    BOOST_TEST(value("K-02") == now.satisfied());
    const std::string resolution = value("K-05");
    BOOST_TEST(resolution.substr(5, resolution.find(';') - 5) == now.resolution());
    const std::string complaints = value("K-07");
    BOOST_TEST(complaints.substr(0, complaints.find(';')) == now.complaints());
    const std::set<std::string> current = now.customers();
    const std::set<std::string> then = model(first - days, first, known_at, with_history).customers();
    const auto kept = std::ranges::count_if(then, [&](const auto& account) { return current.contains(account); });
    BOOST_TEST(value("K-08") == fmt::format("K-08[rental] {}/{} n={}", kept, then.size(), then.size()));
  }

 private:
  std::uint64_t pick(std::uint64_t count) { return random_() % count; }

  Said any() {
    Said one;
    one.what = static_cast<What>(pick(kWhats));
    one.history = pick(6) == 0;
    one.at = day(static_cast<int>(pick(80))).ns / kNsPerSecond + static_cast<std::int64_t>(pick(3)) * 43'199;
    one.party = pick(6) == 0 ? "external/X" : "account/A" + std::to_string(pick(5));
    one.value = one.what == What::kRated ? 1 + static_cast<int>(pick(5)) : static_cast<int>(pick(2));
    switch (one.what) {
      case What::kRated:
        break;
      case What::kPlaced:
      case What::kVoided:
        one.subject = "O" + std::to_string(pick(8));
        break;
      case What::kTook:
      case What::kBack:
        one.subject = "C" + std::to_string(pick(8));
        break;
      default:
        one.subject = "F" + std::to_string(pick(8));
        one.order = one.what == What::kReceived && pick(4) != 0 ? "O" + std::to_string(pick(8)) : "";
    }
    return one;
  }

  static EventDraft draft_of(const Said& one) {
    const Timestamp when{one.at * kNsPerSecond};
    switch (one.what) {
      case What::kRated:
        return rated("r", one.party, static_cast<Step>(one.value), when);
      case What::kReceived:
        return complained(one.subject, one.party, one.order, when);
      case What::kClassified:
        return classified(one.subject, one.party, one.value != 0 ? "complaint" : "praise", when);
      case What::kDuplicate:
        return duplicate(one.subject, "F9", one.party, when);
      case What::kResolved:
        return resolved(one.subject, one.party, one.value != 0, when);
      case What::kReworked:
        return reworked(one.subject, one.party, when);
      case What::kPlaced:
        return order_confirmed(one.subject, one.party, when);
      case What::kVoided:
        return order_voided(one.subject, one.party, when);
      case What::kTook:
        return took(one.subject, one.party, when);
      case What::kBack:
        return gave_back(one.subject, one.party, when);
    }
    return {};
  }

  /// Reverses, or corrects what was said: another value for the same subject.
  void take_back(std::size_t index, bool reverses) {
    const std::uint64_t root = root_of_[said_[index].position];
    if (reverses) {
      said_[index].ended = accept(decision({reversal_of(roots_[root].first, root)}));
      return;
    }
    Said better = said_[index];
    better.value = better.what == What::kRated ? 1 + static_cast<int>(pick(5)) : static_cast<int>(pick(2));
    better.history = false;
    const std::uint64_t position = accept(decision({correction_of(draft_of(better), root)}));
    better.position = position;
    root_of_[position] = root;
    said_[index].ended = position;
    said_.push_back(std::move(better));
  }

  Model model(std::int64_t first, std::int64_t end, std::uint64_t known_at, bool with_history) const {
    std::vector<Said> known;
    std::ranges::copy_if(said_, std::back_inserter(known), [&](const Said& one) {
      return one.position <= known_at && (one.ended == 0 || one.ended > known_at) && (with_history || !one.history);
    });
    return {std::move(known), first * kDay, end * kDay};
  }

  std::mt19937_64& random_;
  std::vector<Said> said_;
  std::map<std::uint64_t, std::pair<EventDraft, Said>> roots_;
  std::map<std::uint64_t, std::uint64_t> root_of_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rental_kpi)

BOOST_AUTO_TEST_CASE(any_window_has_the_value_of_a_scan) {
  constexpr unsigned kRuns = 6;
  constexpr unsigned kSteps = 250;
  constexpr unsigned kEvery = 5;
  std::mt19937_64 random = seeded_engine();
  for (unsigned run = 0; run < kRuns; ++run) {
    KpiRun ledger(random);
    for (unsigned i = 1; i <= kSteps; ++i) {
      ledger.step();
      if (i % kEvery == 0) {
        ledger.compare();
      }
    }
    ledger.check_tables();
  }
}

BOOST_AUTO_TEST_SUITE_END()
