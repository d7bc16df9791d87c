// SPDX-License-Identifier: Apache-2.0
//
// Goal: every name has its ordinal and every ordinal its name, in memory, in the cache and in the published part; a
// damaged introduction changes nothing. Method: random introductions, checkpoints, failures and reopenings against a
// list in memory; one writer with readers beside it.
#include "store/catalog.hpp"

#include "store/name_cache.hpp"
#include "store/stable_table.hpp"
#include "support/test_seed.hpp"
#include "support/view_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace {

using namespace carnet;
using namespace carnet::store;
using namespace carnet::test;

codec::Introduction chain(std::uint32_t ordinal, ChainKind kind, std::string_view name) {
  return {ordinal, codec::ChainIntroduction{.kind = kind, .name = name}};
}

codec::Introduction account(std::uint32_t ordinal, std::string_view path, std::uint32_t unit, std::uint32_t chart = 0) {
  codec::AccountIntroduction made;
  made.path = path;
  made.unit = unit;
  made.normal = ordinal % 2 == 0 ? NormalSide::kDebit : NormalSide::kCredit;
  made.limit = static_cast<AccountLimit>(ordinal % 3);
  made.chart = chart;
  return {ordinal, made};
}

codec::Introduction type(std::uint32_t ordinal, std::string_view name, std::uint16_t revision,
                         std::span<const std::uint64_t> closure, bool derived = false) {
  codec::TypeIntroduction made;
  made.name = name;
  made.revision = revision;
  made.derived = derived;
  made.root = 1000U + revision;
  made.closure = closure;
  return {ordinal, made};
}

codec::Introduction unit(std::uint32_t ordinal, std::string_view name, std::uint8_t scale) {
  return {ordinal, codec::UnitIntroduction{.name = name, .scale = scale}};
}

codec::Introduction code(std::uint32_t ordinal, std::string_view text) {
  return {ordinal, codec::CodeIntroduction{.text = text}};
}

/// A checkpoint of the catalog alone.
Status publish(ViewsDb& views, Catalog& catalog, Floor& floor, std::uint64_t position) {
  ViewBatch batch;
  std::vector<ViewRun> runs;
  catalog.write(batch, runs);
  TailOnlyLog log;
  return views.publish_view(checkpoint_at(position, catalog.encode_state()), std::move(batch), std::move(runs), log,
                            floor);
}

struct ChainModel {
  ChainKind kind = ChainKind::kStream;
  std::string name;
  std::uint16_t family = 0;
  std::uint32_t member = 0;
};

/// The catalog, its database, and what it must know.
class Subject {
 public:
  explicit Subject(const std::string& folder, std::size_t cache_bytes = 4096)
      : folder_(folder),
        cache_bytes_(cache_bytes),
        floor_(make_floor(folder)),
        views_(must(ViewsDb::create(folder + "/views", {}))),
        catalog_(make()) {}

  Catalog& catalog() { return *catalog_; }

  ViewsDb& views() { return *views_; }

  std::uint32_t chain_count() const { return static_cast<std::uint32_t>(chains_.size()); }

  void add_chain(ChainKind kind, const std::string& name) {
    must(catalog_->add(chain(chain_count() + 1, kind, name)));
    ChainModel model{kind, name, 0, 0};
    const std::string family = name.substr(0, name.find('/'));
    const auto known = std::find(families_.begin(), families_.end(), family);
    model.family = static_cast<std::uint16_t>(known - families_.begin());
    if (known == families_.end()) {
      families_.push_back(family);
    }
    std::vector<std::uint32_t>& members = members_[{kind, model.family}];
    model.member = static_cast<std::uint32_t>(members.size());
    chains_.push_back(model);
    members.push_back(chain_count());
  }

  void add_account(const std::string& path, std::uint32_t unit, std::uint32_t chart) {
    accounts_.emplace_back(path, unit, chart);
    must(catalog_->add(account(static_cast<std::uint32_t>(accounts_.size()), path, unit, chart)));
  }

  void checkpoint(bool fails) {
    catalog_->freeze();
    if (!fails) {
      must(store_frozen());
    }
    catalog_->thaw(!fails);
  }

  Status store_frozen() { return publish(*views_, *catalog_, floor_, ++position_); }

  /// Loads what was published; the caller's names beyond it are gone.
  void reopen() {
    catalog_.reset();
    views_.reset();
    views_ = must(ViewsDb::open(folder_ + "/views", {}));
    catalog_ = make();
    if (const auto checkpoint = must(views_->checkpoint())) {
      must(catalog_->load(checkpoint->state));
    }
  }

  void check_chain(std::uint32_t ordinal) {
    const ChainModel& model = chains_[ordinal - 1];
    BOOST_REQUIRE(must(catalog_->chain_name(ordinal)) == model.name);
    const auto check = [&](const ChainEntry& entry) {
      BOOST_REQUIRE((entry.ordinal == ordinal && entry.kind == model.kind && entry.family == model.family &&
                     entry.member == model.member));
    };
    check(must(catalog_->chain_entry(ordinal)));
    const std::optional<ChainEntry> found = must(catalog_->find_chain(model.kind, model.name));
    BOOST_REQUIRE(found.has_value());
    check(*found);
    // What was just looked up is in memory.
    BOOST_REQUIRE(catalog_->find_chain_newest(model.kind, model.name).has_value());
    BOOST_REQUIRE(must(catalog_->chain_of_member(model.kind, model.family, model.member)) == ordinal);
  }

  void check_account(std::uint32_t ordinal) {
    const auto& [path, unit, chart] = accounts_[ordinal - 1];
    const auto check = [&, unit = unit, chart = chart](const AccountEntry& entry) {
      BOOST_REQUIRE((entry.ordinal == ordinal && entry.unit == unit && entry.chart == chart &&
                     entry.limit == static_cast<AccountLimit>(ordinal % 3) &&
                     entry.normal == (ordinal % 2 == 0 ? NormalSide::kDebit : NormalSide::kCredit)));
    };
    const auto [name, entry] = must(catalog_->account(ordinal));
    BOOST_REQUIRE(name == path);
    check(entry);
    const std::optional<AccountEntry> found = must(catalog_->find_account(path, unit));
    BOOST_REQUIRE(found.has_value());
    check(*found);
    BOOST_REQUIRE(!must(catalog_->find_account(path, unit + 1000)).has_value());
  }

  void check_all() {
    const CatalogCounts counts = catalog_->counts();
    BOOST_TEST(counts.chains == chains_.size());
    BOOST_TEST(counts.accounts == accounts_.size());
    BOOST_TEST(counts.families == families_.size());
    for (std::uint32_t ordinal = 1; ordinal <= chain_count(); ++ordinal) {
      check_chain(ordinal);
    }
    for (std::uint32_t ordinal = 1; ordinal <= accounts_.size(); ++ordinal) {
      check_account(ordinal);
    }
    for (const auto& [key, members] : members_) {
      BOOST_TEST(catalog_->member_count(key.first, key.second) == members.size());
      BOOST_TEST(must(catalog_->chain_of_member(key.first, key.second, static_cast<std::uint32_t>(members.size()))) ==
                 0U);
    }
    for (std::size_t family = 0; family < families_.size(); ++family) {
      BOOST_TEST(catalog_->family_name(static_cast<std::uint16_t>(family)) == families_[family]);
      BOOST_TEST(catalog_->find_family(families_[family]).value() == family);
    }
  }

 private:
  std::unique_ptr<Catalog> make() { return Catalog::make(views_.get(), 3, cache_bytes_); }

  std::string folder_;
  std::size_t cache_bytes_;
  Floor floor_;
  std::unique_ptr<ViewsDb> views_;
  std::unique_ptr<Catalog> catalog_;
  std::uint64_t position_ = 0;
  std::vector<ChainModel> chains_;
  std::vector<std::string> families_;
  std::map<std::pair<ChainKind, std::uint16_t>, std::vector<std::uint32_t>> members_;
  std::vector<std::tuple<std::string, std::uint32_t, std::uint32_t>> accounts_;
};

BOOST_AUTO_TEST_SUITE(catalog)

BOOST_AUTO_TEST_CASE(names_and_ordinals_find_each_other_through_checkpoints) {
  std::mt19937_64 random = seeded_engine();
  const std::array<std::string, 4> families = {"rental", "customer", "vehicle", "case"};
  for (int round = 0; round < 4; ++round) {
    const TempFolder folder;
    // A cache of a few names, and one that holds them all.
    Subject subject(folder.path(), round % 2 == 0 ? 2'000 : 1'000'000);
    bool is_frozen = false;
    std::uint64_t made = 0;
    for (int step = 0; step < 80; ++step) {
      const std::uint64_t kind = random() % 10;
      if (kind < 5) {
        for (std::uint64_t left = random() % 200; left > 0; --left) {
          const std::string id = std::to_string(++made) + std::string(random() % 10 == 0 ? 200 : random() % 30, 'x');
          const std::string name = families[random() % families.size()] + "/" + id;
          subject.add_chain(ChainKind::kStream, name);
          if (random() % 2 == 0) {
            subject.add_chain(ChainKind::kTag, name);
          }
          if (random() % 4 == 0) {
            subject.add_account(id, static_cast<std::uint32_t>(1 + random() % 3),
                                static_cast<std::uint32_t>(random() % 90));
          }
        }
      } else if (kind < 7 && is_frozen) {
        const bool published = random() % 3 != 0;
        if (published) {
          must(subject.store_frozen());
        }
        subject.catalog().thaw(published);
        is_frozen = false;
      } else if (kind < 7) {
        subject.catalog().freeze();
        is_frozen = true;
      } else if (subject.chain_count() > 0) {
        for (int look = 0; look < 50; ++look) {
          subject.check_chain(static_cast<std::uint32_t>(1 + random() % subject.chain_count()));
        }
        BOOST_TEST(!must(subject.catalog().find_chain(ChainKind::kStream, "rental/none")).has_value());
      }
    }
    if (is_frozen) {
      subject.catalog().thaw(false);
    }
    subject.check_all();
    subject.checkpoint(true);
    subject.check_all();
    subject.checkpoint(false);
    subject.check_all();
    subject.reopen();
    subject.check_all();
    subject.add_chain(ChainKind::kStream, "late/1");
    subject.add_chain(ChainKind::kTag, "rental/late");
    subject.check_all();
  }
}

BOOST_AUTO_TEST_CASE(types_units_and_codes_are_kept_with_all_revisions) {
  const TempFolder folder;
  Subject subject(folder.path());
  Catalog& catalog = subject.catalog();
  const std::vector<std::uint64_t> first = {1, 2, 3};
  const std::vector<std::uint64_t> second = {4, 5};
  must(catalog.add(type(1, "FineIssued", 1, first)));
  must(catalog.add(unit(1, "EUR", 2)));
  must(catalog.add(unit(2, "JPY", 0)));
  must(catalog.add(code(1, "PR-60")));
  const TypeEntry* const before = catalog.find_type("FineIssued");
  subject.checkpoint(false);
  must(catalog.add(type(1, "FineIssued", 2, second)));
  must(catalog.add(type(2, "Derived", 1, second, true)));
  must(catalog.add(code(2, std::string(255, 'c'))));
  // Whoever held the type goes on with it.
  BOOST_TEST(before->revisions.size() == 1U);
  subject.checkpoint(true);
  subject.checkpoint(false);
  must(catalog.add(type(1, "FineIssued", 3, {})));
  subject.checkpoint(false);
  for (int look = 0; look < 2; ++look) {
    const Catalog& seen = subject.catalog();
    const TypeEntry* const fine = seen.find_type("FineIssued");
    BOOST_REQUIRE(fine != nullptr);
    BOOST_TEST(fine->ordinal == 1U);
    BOOST_TEST(!fine->derived);
    BOOST_REQUIRE(fine->revisions.size() == 3U);
    BOOST_TEST(fine->revisions[0].first == 1001U);
    BOOST_TEST(fine->revisions[0].second == first, boost::test_tools::per_element());
    BOOST_TEST(fine->revisions[1].second == second, boost::test_tools::per_element());
    BOOST_TEST(fine->revisions[2].second.empty());
    BOOST_TEST(seen.type(2)->name == "Derived");
    BOOST_TEST(seen.type(2)->derived);
    BOOST_TEST(seen.type(0) == nullptr);
    BOOST_TEST(seen.type(3) == nullptr);
    BOOST_TEST(seen.find_type("none") == nullptr);
    BOOST_TEST(seen.find_unit("JPY") == 2U);
    BOOST_TEST(seen.unit(1)->scale == 2U);
    BOOST_TEST(seen.unit(3) == nullptr);
    BOOST_TEST(seen.find_unit("USD") == 0U);
    BOOST_TEST(seen.find_code("PR-60") == 1U);
    BOOST_TEST(seen.code(2) == std::string(255, 'c'));
    BOOST_TEST(seen.code(0).empty());
    BOOST_TEST(seen.code(3).empty());
    subject.reopen();
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_introduction_is_told_and_changes_nothing) {
  const TempFolder folder;
  Subject subject(folder.path());
  Catalog& catalog = subject.catalog();
  const auto refused = [&](const codec::Introduction& introduction) {
    BOOST_TEST(error_name(catalog.add(introduction)) == "IntroductionDamaged");
  };
  must(catalog.add(chain(1, ChainKind::kStream, "rental/R1")));
  must(catalog.add(type(1, "T", 1, {})));
  must(catalog.add(account(1, "cash", 1)));
  must(catalog.add(unit(1, "EUR", 2)));
  must(catalog.add(code(1, "A")));
  for (const bool published : {false, true}) {
    if (published) {
      subject.checkpoint(false);
    }
    refused(chain(3, ChainKind::kStream, "rental/R2"));
    refused(chain(1, ChainKind::kStream, "rental/R2"));
    refused(chain(0, ChainKind::kStream, "rental/R2"));
    refused(chain(2, ChainKind::kStream, "rental/R1"));
    refused(chain(2, ChainKind::kStream, ""));
    refused(chain(2, ChainKind::kStream, std::string(256, 'x')));
    refused(type(3, "U", 1, {}));
    refused(type(2, "U", 2, {}));
    refused(type(2, "T", 2, {}));
    refused(type(1, "T", 1, {}));
    refused(type(1, "T", 3, {}));
    refused(type(1, "T", 2, {}, true));
    refused(account(3, "bank", 1));
    refused(account(2, "cash", 1));
    refused(unit(3, "USD", 2));
    refused(unit(2, "EUR", 2));
    refused(code(3, "B"));
    refused(code(2, "A"));
    const CatalogCounts counts = catalog.counts();
    BOOST_TEST((counts.chains == 1 && counts.types == 1 && counts.accounts == 1 && counts.units == 1 &&
                counts.codes == 1 && counts.families == 1));
  }
  must(catalog.add(chain(2, ChainKind::kTag, "rental/R1")));
  must(catalog.add(account(2, "cash", 2)));
  BOOST_TEST(error_name(catalog.chain_name(3)) == "IntroductionMissing");
  BOOST_TEST(error_name(catalog.account(0)) == "IntroductionMissing");
}

BOOST_AUTO_TEST_CASE(a_damaged_state_or_entry_is_reported) {
  const TempFolder folder;
  Subject subject(folder.path());
  Catalog& catalog = subject.catalog();
  must(catalog.add(chain(1, ChainKind::kStream, "rental/R1")));
  must(catalog.add(type(1, "T", 1, {})));
  catalog.freeze();
  const std::string state = catalog.encode_state();
  must(subject.store_frozen());
  catalog.thaw(true);
  for (std::size_t length = 0; length < state.size(); ++length) {
    const auto fresh = Catalog::make(&subject.views(), 3, 4096);
    BOOST_TEST(error_name(fresh->load(state.substr(0, length))) == "ViewsDamaged");
  }
  BOOST_TEST(error_name(Catalog::make(&subject.views(), 3, 4096)->load(state + "x")) == "ViewsDamaged");
  // Another generation has none of the entries.
  BOOST_TEST(error_name(Catalog::make(&subject.views(), 4, 4096)->load(state)) == "ViewsDamaged");
  must(Catalog::make(&subject.views(), 3, 4096)->load(state));
}

BOOST_AUTO_TEST_CASE(the_newest_form_never_asks_the_database) {
  const TempFolder folder;
  Subject subject(folder.path(), 100'000);
  const std::uint64_t before = subject.catalog().publish_count();
  for (int at = 0; at < 1'000; ++at) {
    subject.add_chain(ChainKind::kStream, "rental/" + std::to_string(at));
  }
  BOOST_TEST(subject.catalog().newest_bytes() > 1'000U * 20);
  subject.checkpoint(false);
  BOOST_TEST(subject.catalog().newest_bytes() < 100U);
  BOOST_TEST(subject.catalog().publish_count() > before);
  // The newest of what was published stays in the cache, the rest comes back when it was looked up.
  BOOST_TEST(subject.catalog().find_chain_newest(ChainKind::kStream, "rental/999").has_value());
  BOOST_TEST(!subject.catalog().find_chain_newest(ChainKind::kStream, "rental/0").has_value());
  BOOST_TEST(must(subject.catalog().find_chain(ChainKind::kStream, "rental/0")).has_value());
  BOOST_TEST(subject.catalog().find_chain_newest(ChainKind::kStream, "rental/0").has_value());
}

BOOST_AUTO_TEST_CASE(the_cache_holds_what_was_put_and_wanted_last) {
  NameCache cache(64 * 1024);
  const auto name_of = [](std::uint32_t ordinal) {
    return "name/" + std::to_string(ordinal) + std::string(ordinal % 7 == 0 ? 60 : 0, 'y');
  };
  const auto put = [&](std::uint32_t ordinal) {
    cache.put({ordinal, 1, ordinal * 3ULL}, hash_name(1, name_of(ordinal)), name_of(ordinal));
  };
  std::mt19937_64 random = seeded_engine();
  for (std::uint32_t ordinal = 1; ordinal <= 20'000; ++ordinal) {
    put(ordinal);
    // Ordinal 1 is asked for all the time.
    BOOST_REQUIRE(cache.find(1, nullptr).has_value());
    const auto other = static_cast<std::uint32_t>(1 + random() % ordinal);
    std::string name;
    const auto by_ordinal = cache.find(other, &name);
    const auto by_name = cache.find(hash_name(1, name_of(other)), 1, name_of(other));
    BOOST_REQUIRE(by_ordinal.has_value() == by_name.has_value());
    if (by_ordinal) {
      BOOST_REQUIRE((name == name_of(other) && by_ordinal->payload == other * 3ULL && by_name->ordinal == other));
    }
    BOOST_REQUIRE(!cache.find(hash_name(2, name_of(other)), 2, name_of(other)).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_stable_table_keeps_every_row) {
  StableTable<std::uint32_t> table;
  for (std::uint32_t row = 0; row < 10'000; ++row) {
    BOOST_REQUIRE(table.at(row) == nullptr);
    table.push(row * 7);
  }
  for (std::uint32_t row = 0; row < 10'000; ++row) {
    BOOST_REQUIRE(*table.at(row) == row * 7);
  }
  const std::uint32_t* const old = table.at(5);
  table.replace(5, 1);
  BOOST_TEST(*old == 35U);
  BOOST_TEST(*table.at(5) == 1U);
}

// ---- Threads ----

std::string numbered(std::uint32_t ordinal) {
  return "f" + std::to_string(ordinal % 5) + "/" + std::to_string(ordinal);
}

std::uint64_t look_up(Catalog& catalog, std::mt19937_64& random) {
  const std::uint32_t count = catalog.counts().chains;
  if (count == 0) {
    return 0;
  }
  const auto ordinal = static_cast<std::uint32_t>(1 + random() % count);
  const auto name = catalog.chain_name(ordinal);
  const auto entry = catalog.chain_entry(ordinal);
  const auto found = catalog.find_chain(ChainKind::kTag, numbered(ordinal));
  const auto none = catalog.find_chain(ChainKind::kStream, numbered(ordinal));
  if (!name || !entry || !found || !none || !found->has_value() || none->has_value()) {
    return 1;
  }
  const auto member = catalog.chain_of_member(entry->kind, entry->family, entry->member);
  const bool fits = *name == numbered(ordinal) && (*found)->ordinal == ordinal && member && *member == ordinal &&
                    (*found)->member == entry->member && catalog.type(1)->revisions.size() >= 1 &&
                    catalog.find_type("T")->ordinal == 1 &&
                    catalog.family_name(entry->family) == numbered(ordinal).substr(0, 2);
  return fits ? 0 : 1;
}

BOOST_AUTO_TEST_CASE(readers_beside_the_writer_and_checkpoints_find_every_name) {
  const std::uint64_t seed = seeded_engine()();
  const TempFolder folder;
  Floor floor = make_floor(folder.path());
  const auto views = must(ViewsDb::create(folder.at("views"), {}));
  const auto catalog = Catalog::make(views.get(), 1, 50'000);
  must(catalog->add(type(1, "T", 1, {})));
  std::atomic<bool> goes_on{true};
  std::atomic<std::uint64_t> failures{0};
  std::vector<std::thread> readers;
  for (std::uint64_t reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&, reader] {
      std::mt19937_64 random(seed + reader);
      while (goes_on.load()) {
        failures += look_up(*catalog, random);
      }
    });
  }
  for (std::uint32_t ordinal = 1; ordinal <= 10'000; ++ordinal) {
    const std::string name = numbered(ordinal);
    must(catalog->add(chain(ordinal, ChainKind::kTag, name)));
    if (ordinal % 1'000 == 0) {
      must(catalog->add(type(1, "T", static_cast<std::uint16_t>(1 + ordinal / 1'000), {})));
      catalog->freeze();
      const bool published = ordinal % 3'000 != 0;
      if (published) {
        must(publish(*views, *catalog, floor, ordinal));
      }
      catalog->thaw(published);
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  goes_on = false;
  for (std::thread& reader : readers) {
    reader.join();
  }
  BOOST_TEST(failures.load() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
