// SPDX-License-Identifier: Apache-2.0
//
// Writer: a step's events as one request. What an event repeats of its rental (order, contract, account or party …) is
// filled in wherever its type has the field.
#pragma once

#include "story.hpp"

#include <carnet/money.hpp>
#include <carnet/request.hpp>
#include <carnet/typed.hpp>

#include <fmt/compile.h>
#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carnet::generate {

/// What all rentals of a history share. It grows with the rentals that run at once.
struct Fleet {
  Currency currency;
  std::vector<std::uint32_t> odometers;  ///< By vehicle.
  std::deque<std::uint32_t> parked;      ///< Vehicles that are in, the one that stood longest first.
  std::uint64_t reports = 0;             ///< Of the processor: positions of its feed.

  /// A vehicle that is in, or a new one.
  [[nodiscard]] std::uint32_t take() {
    if (parked.empty()) {
      odometers.push_back(0);
      return static_cast<std::uint32_t>(odometers.size() - 1);
    }
    const std::uint32_t vehicle = parked.front();
    parked.pop_front();
    return vehicle;
  }
};

class Writer {
 public:
  Writer(Story& story, Fleet& of_all, std::int64_t at_ns, std::uint64_t first_position, Request& request)
      : fleet(of_all), story_(story), at_ns_(at_ns), first_position_(first_position), request_(request) {}

  Fleet& fleet;  // NOLINT: plain data of the maker.

  [[nodiscard]] std::int64_t at_ns() const noexcept { return at_ns_; }

  /// Position that the next event gets.
  [[nodiscard]] std::uint64_t next_position() const noexcept { return first_position_ + request_.events.size(); }

  /// `suffix` behind the rental's id.
  [[nodiscard]] std::string id(std::string_view suffix) const {
    return fmt::format(FMT_COMPILE("{}{}"), story_.id, suffix);
  }

  [[nodiscard]] std::string id(std::string_view suffix, std::uint64_t number) const {
    return fmt::format(FMT_COMPILE("{}{}{}"), story_.id, suffix, number);
  }

  void as(std::string_view actor, ActorKind kind, std::string_view role, std::string_view channel) {
    request_.actor = {.id = std::string(actor), .kind = kind, .role = std::string(role)};
    request_.channel = channel;
  }

  /// The processor tells it: on basis report.
  void as_report();

  /// For set…(): copied by the builder.
  [[nodiscard]] static capnp::Text::Reader text(const std::string& of) { return {of.c_str(), of.size()}; }

  [[nodiscard]] Money money(std::int64_t minor) const noexcept { return {minor, fleet.currency}; }

  void set(schema::Money::Builder builder, std::int64_t minor) const { set_money(builder, money(minor)); }

  /// Adds an event. `fill` sets what is not the rental's.
  template <class Type, class Fill>
  EventDraft& add(std::string stream, Fill&& fill) {
    request_.events.push_back(make_event<Type>(std::move(stream), Timestamp{at_ns_}, [&](auto event) {
      set_common(event);
      fill(event);
    }));
    return request_.events.back();
  }

  template <class Type, class Fill>
  EventDraft& add(std::string_view family, std::string_view id, Fill&& fill) {
    return add<Type>(fmt::format(FMT_COMPILE("{}/{}"), family, id), std::forward<Fill>(fill));
  }

 private:
  /// A list that says nothing is stated as an empty one.
  template <class Builder>
  void set_lists(Builder& event) const {
#define CARNET_GENERATE_LIST(name)                    \
  if constexpr (requires { event.init##name(0U); }) { \
    event.init##name(0U);                             \
  }
    CARNET_GENERATE_LIST(AllocatedTo)
    CARNET_GENERATE_LIST(AppliedTo)
    CARNET_GENERATE_LIST(Damages)
    CARNET_GENERATE_LIST(Deductions)
    CARNET_GENERATE_LIST(FieldMask)
    CARNET_GENERATE_LIST(FollowUpMeasures)
    CARNET_GENERATE_LIST(Lines)
    CARNET_GENERATE_LIST(Options)
#undef CARNET_GENERATE_LIST
  }

  template <class Builder>
  void set_common(Builder& event) const {
    set_lists(event);
    if constexpr (requires { event.setOrderId(""); }) {
      event.setOrderId(text(story_.id));
    }
    if constexpr (requires { event.setContractId(""); }) {
      event.setContractId(text(story_.id));
    }
    if constexpr (requires { event.setReservationId(""); }) {
      event.setReservationId(text(story_.id));
    }
    if constexpr (requires { event.setAccountId(""); }) {
      if (!story_.account.empty()) {
        event.setAccountId(text(story_.account));
      }
    }
    if constexpr (requires { event.setParty(""); }) {
      if (story_.account.empty()) {
        event.setParty(text(fmt::format(FMT_COMPILE("external/{}"), story_.id)));
      } else if constexpr (!requires { event.setAccountId(""); }) {
        event.setParty(text(fmt::format(FMT_COMPILE("account/{}"), story_.account)));
      }
    }
  }

  Story& story_;
  std::int64_t at_ns_;
  std::uint64_t first_position_;
  Request& request_;
};

}  // namespace carnet::generate
