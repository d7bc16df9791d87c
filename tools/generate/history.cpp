// SPDX-License-Identifier: Apache-2.0
#include "history.hpp"

#include "steps.hpp"

#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/price.capnp.h>

#include <array>
#include <cstddef>

namespace carnet::generate {

namespace {

constexpr const char* kVersion = "2012";
constexpr std::uint64_t kFirstId = 1001;
constexpr unsigned kNewCustomers = 250;  // Per mille of the orders: 1 account to 4 orders.
constexpr std::uint64_t kKeyStock = 64;
constexpr std::int64_t kLongest = 160 * kDay;  // Of a story, with fines, disputes and vouchers.

Actor office() {
  return {.id = "office", .kind = ActorKind::kSystem, .role = "system"};
}

Request request_of(std::string command, EventDraft event) {
  Request request;
  request.command = std::move(command);
  request.actor = office();
  request.channel = "system";
  request.versions = VersionPolicy::kAny;
  request.events.push_back(std::move(event));
  return request;
}

EventDraft price_list(Currency currency) {
  return make_event<schema::PriceListPublished>("document/priceList", kHistoryBegin, [&](auto list) {
    list.setVersion(kVersion);
    list.setEffectiveFrom(kHistoryBegin.ns);
    list.initChannels(0);
    auto items = list.initItems(4);
    for (unsigned i = 0; i < items.size(); ++i) {
      items[i].setCode(Writer::text(fmt::format("class{}", i)));
      items[i].setUnit("day");
      set_money(items[i].initAmount(), {35'00 + 15'00 * std::int64_t{i}, currency});
      items[i].setTaxIncluded(true);
    }
  });
}

EventDraft document(const char* kind) {
  const std::array<std::byte, 32> digest{std::byte{0xd0}};
  return make_event<schema::DocumentPublished>(fmt::format("document/{}", kind), kHistoryBegin, [&](auto published) {
    published.setKind(kind);
    published.setVersion(kVersion);
    published.setEffectiveFrom(kHistoryBegin.ns);
    published.setAudience(schema::DocumentPublished::Audience::CUSTOMER);
    published.setLanguage("en");
    published.setDigest(as_data(digest));
  });
}

std::int64_t begin_of(const HistoryOptions& options, std::uint64_t rental) {
  const std::uint64_t day = rental / options.rentals_a_day;
  const std::uint64_t in_day = rental % options.rentals_a_day;
  const auto step = kDay / static_cast<std::int64_t>(options.rentals_a_day);
  return kHistoryBegin.ns + kHour + static_cast<std::int64_t>(day) * kDay + static_cast<std::int64_t>(in_day) * step;
}

}  // namespace

void Writer::as_report() {
  request_.basis = Basis::kReport;
  request_.source = Source{.name = "psp1", .position = ++fleet.reports};
  as("psp1", ActorKind::kPartner, "integration", "system");
}

HistoryMaker::HistoryMaker(const HistoryOptions& options) : options_(options) {
  fleet_.currency = *Currency::parse("EUR");
}

Timestamp HistoryMaker::end_of(const HistoryOptions& options) {
  return {begin_of(options, options.rentals) + kLongest};
}

std::vector<Request> HistoryMaker::preface() const {
  std::vector<Request> all;
  all.push_back(request_of("preface:priceList", price_list(fleet_.currency)));
  for (const char* const kind : {"terms", "privacyPolicy", "checklist"}) {
    all.push_back(request_of(fmt::format("preface:{}", kind), document(kind)));
  }
  return all;
}

void HistoryMaker::choose_customer(Story& story) {
  if (story.has(Variant::kPlatformOrder)) {
    return;
  }
  // Accounts open in the order in which they begin: each opening takes the same time.
  const bool is_new = accounts_ == 0 || story.dice.chance(kNewCustomers);
  story.new_account = is_new;
  story.account = fmt::format("A{}", is_new ? ++accounts_begun_ : story.dice.zipf(accounts_));
}

void HistoryMaker::begin_story() {
  Story story(options_.seed, begun_);
  story.id = fmt::to_string(kFirstId + begun_);
  story.start_ns = begin_of(options_, begun_);
  choose_customer(story);
  plan(story);
  ++begun_;
  std::size_t place = live_.size();
  if (free_.empty()) {
    live_.push_back(std::move(story));
  } else {
    place = free_.back();
    free_.pop_back();
    live_[place] = std::move(story);
  }
  due_.push({live_[place].steps.front().at_ns, live_[place].number, place});
}

void HistoryMaker::write_keys(HistoryCommit& commit) {
  constexpr const char* kClasses[] = {"D1", "D2", "D3"};
  Dice dice(~options_.seed, keyed_);
  commit.at = {due_.top().at_ns};
  commit.request = {};
  commit.request.command = fmt::format("keys.{}", keyed_);
  commit.request.actor = office();
  commit.request.channel = "system";
  commit.request.versions = VersionPolicy::kAny;
  for (const std::uint64_t last = keyed_ + kKeyStock; keyed_ < last;) {
    const std::string account = fmt::format("A{}", ++keyed_);
    for (const char* const each : kClasses) {
      std::array<std::byte, 16> key{};
      for (std::byte& byte : key) {
        byte = static_cast<std::byte>(dice.below(256));
      }
      commit.request.events.push_back(
          make_event<schema::SubjectKeyCreated>(fmt::format("privacy/{}", account), commit.at, [&](auto created) {
            created.setAccountId(Writer::text(account));
            created.setClass(each);
            created.setKeyId(as_data(key));
            created.setAlgorithm("aes-256-gcm");
          }));
    }
  }
}

bool HistoryMaker::next(HistoryCommit& commit, std::uint64_t first_position) {
  while (begun_ < options_.rentals && (due_.empty() || begin_of(options_, begun_) <= due_.top().at_ns)) {
    begin_story();
  }
  if (due_.empty()) {
    return false;
  }
  if (accounts_begun_ > keyed_) {
    write_keys(commit);
    return true;
  }
  const Due due = due_.top();
  due_.pop();
  Story& story = live_[due.place];
  const Step step = story.steps[story.next];
  commit.at = {step.at_ns};
  Request& request = commit.request;
  request = {};
  request.command = fmt::format(FMT_COMPILE("g{}.{}"), story.id, story.next);
  request.actor = office();
  request.channel = "system";
  request.versions = VersionPolicy::kAny;
  Writer write(story, fleet_, step.at_ns, first_position, request);
  step.make(write, story);
  accounts_ += step.make == &step::open_account ? 1 : 0;
  if (++story.next < story.steps.size()) {
    due_.push({story.steps[story.next].at_ns, story.number, due.place});
  } else {
    story = Story(0, 0);
    free_.push_back(due.place);
  }
  return true;
}

}  // namespace carnet::generate
