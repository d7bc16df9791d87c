// SPDX-License-Identifier: Apache-2.0
#include "rental/rule_sets.hpp"

#include "codec/json.hpp"
#include "rental/rules.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <memory>
#include <utility>

namespace carnet::rental {

namespace {

std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool parse_codes(const rapidjson::Document& document, CodeRules& rules, std::string& fault) {
  for (const auto& member : document.GetObject()) {
    if (!member.value.IsArray()) {
      fault = fmt::format("{} must be a list of codes", text_of(member.name));
      return false;
    }
    auto& codes = rules.lists[std::string(text_of(member.name))];
    for (const auto& code : member.value.GetArray()) {
      if (!code.IsString() || code.GetStringLength() == 0) {
        fault = fmt::format("{} must hold texts", text_of(member.name));
        return false;
      }
      codes.emplace(text_of(code));
    }
  }
  return true;
}

bool parse_postings(const rapidjson::Document& document, PostingRules& rules, std::string& fault) {
  bool has_switch = false;
  for (const auto& member : document.GetObject()) {
    const std::string_view key = text_of(member.name);
    if (key == "applyCredit" && member.value.IsBool()) {
      rules.apply_credit = member.value.GetBool();
      has_switch = true;
    } else if (key == "compensation" && member.value.IsString() &&
               (text_of(member.value) == "E" || text_of(member.value) == "C1")) {
      rules.compensation = text_of(member.value);
    } else if (key == "revenue" && member.value.IsObject()) {
      for (const auto& kind : member.value.GetObject()) {
        if (!kind.value.IsString() || kind.value.GetStringLength() == 0) {
          fault = "revenue must name an account for each kind";
          return false;
        }
        rules.revenue.emplace(text_of(kind.name), text_of(kind.value));
      }
    } else {
      fault = fmt::format("{} is no parameter of postingAccounts, or not of its form", key);
      return false;
    }
  }
  if (!has_switch) {
    fault = "applyCredit is missing";
  }
  return has_switch;
}

bool parse_profile(const rapidjson::Value& value, PspProfile& profile, std::string& fault) {
  for (const auto& member : value.GetObject()) {
    const std::string_view key = text_of(member.name);
    const auto flag = [&](std::string_view name, bool& into) {
      const bool fits = key == name && member.value.IsBool();
      into = fits ? member.value.GetBool() : into;
      return fits;
    };
    const auto number = [&](std::string_view name, std::int64_t& into) {
      const bool fits = key == name && member.value.IsInt64() && member.value.GetInt64() >= 0;
      into = fits ? member.value.GetInt64() : into;
      return fits;
    };
    if (!flag("multiCapture", profile.multi_capture) &&
        !flag("incrementAfterCapture", profile.increment_after_capture) &&
        !flag("captureReversalRestoresHold", profile.capture_reversal_restores_hold) &&
        !flag("damageFromHold", profile.damage_from_hold) && !number("toleranceBp", profile.tolerance_bp) &&
        !number("delayedChargeDays", profile.delayed_charge_days)) {
      fault = fmt::format("{} is no parameter of a pspProfile, or not of its form", key);
      return false;
    }
  }
  return true;
}

bool parse_profiles(const rapidjson::Document& document, PspProfileRules& rules, std::string& fault) {
  for (const auto& network : document.GetObject()) {
    if (!network.value.IsObject()) {
      fault = fmt::format("{} must be an object of parameters", text_of(network.name));
      return false;
    }
    if (!parse_profile(network.value, rules.networks[std::string(text_of(network.name))], fault)) {
      return false;
    }
  }
  return true;
}

bool parse_limits(const rapidjson::Document& document, CompensationLimits& limits, std::string& fault) {
  for (const auto& role : document.GetObject()) {
    if (!role.value.IsObject()) {
      fault = fmt::format("{} must be an object of limits by currency", text_of(role.name));
      return false;
    }
    auto& of_role = limits.roles[std::string(text_of(role.name))];
    for (const auto& limit : role.value.GetObject()) {
      const bool is_limit = limit.value.IsInt64() && limit.value.GetInt64() >= 0;
      if (!is_limit || !Currency::parse(text_of(limit.name))) {
        fault = fmt::format("{} must name currencies and minor units", text_of(role.name));
        return false;
      }
      of_role.emplace(text_of(limit.name), limit.value.GetInt64());
    }
  }
  return true;
}

/// Charge kinds of DOMAIN §4.1, R*, each its own account.
constexpr std::string_view kRevenueKinds[] = {"rental",   "insurance",        "handlingFee",    "addOn",
                                              "overtime", "excessMileage",    "fuelDifference", "damage",
                                              "oneWay",   "cancellation",     "penalty",        "violationAdminFee",
                                              "roadside", "designatedDriver", "other"};

}  // namespace

std::string_view to_string(RuleFamily family) noexcept {
  constexpr std::string_view kNames[] = {"", "codes", "postingAccounts", "pspProfile", "compensationLimits"};
  return kNames[static_cast<std::size_t>(family)];
}

RuleFamily rule_family(std::string_view name) noexcept {
  for (const RuleFamily family :
       {RuleFamily::kCodes, RuleFamily::kPostingAccounts, RuleFamily::kPspProfile, RuleFamily::kCompensationLimits}) {
    if (to_string(family) == name) {
      return family;
    }
  }
  return RuleFamily::kUnknown;
}

bool CodeRules::knows(std::string_view list, std::string_view code) const {
  if (code == "notStated") {
    return true;
  }
  const auto found = lists.find(list);
  return found != lists.end() && found->second.contains(code);
}

std::optional<std::int64_t> CompensationLimits::limit(std::string_view role, std::string_view currency) const {
  auto found = roles.find(role);
  found = found == roles.end() ? roles.find("default") : found;
  if (found == roles.end()) {
    return std::nullopt;
  }
  const auto limit = found->second.find(currency);
  return limit == found->second.end() ? std::nullopt : std::optional(limit->second);
}

std::optional<RuleSet> parse_rule_set(RuleFamily family, std::string_view parameters, std::string& fault) {
  const auto canonical = codec::canonical_json(parameters);
  if (!canonical || *canonical != parameters) {
    fault = "the parameters must be JSON in RFC 8785 form";
    return std::nullopt;
  }
  rapidjson::Document document;
  document.Parse(parameters.data(), parameters.size());
  if (document.HasParseError() || !document.IsObject()) {
    fault = "the parameters must be a JSON object";
    return std::nullopt;
  }
  RuleSet set;
  bool good = false;
  if (family == RuleFamily::kCodes) {
    good = parse_codes(document, set.rules.emplace<CodeRules>(), fault);
  } else if (family == RuleFamily::kPostingAccounts) {
    good = parse_postings(document, set.rules.emplace<PostingRules>(), fault);
  } else if (family == RuleFamily::kPspProfile) {
    good = parse_profiles(document, set.rules.emplace<PspProfileRules>(), fault);
  } else if (family == RuleFamily::kCompensationLimits) {
    good = parse_limits(document, set.rules.emplace<CompensationLimits>(), fault);
  } else {
    fault = "the family is not one of this release";
  }
  return good ? std::optional(std::move(set)) : std::nullopt;
}

std::string default_parameters(RuleFamily family) {
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object();
  if (family == RuleFamily::kCodes) {
    for (const CodeList& list : code_table()) {
      json.key(list.list).begin_array();
      std::string_view rest = list.codes;
      while (!rest.empty()) {
        const std::size_t space = rest.find(' ');
        json.value(rest.substr(0, space));
        rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
      }
      json.end_array();
    }
  } else if (family == RuleFamily::kPspProfile) {
    const PspProfile standard;
    json.key("default").begin_object();
    json.key("captureReversalRestoresHold").value(standard.capture_reversal_restores_hold);
    json.key("damageFromHold").value(standard.damage_from_hold);
    json.key("delayedChargeDays").value(standard.delayed_charge_days);
    json.key("incrementAfterCapture").value(standard.increment_after_capture);
    json.key("multiCapture").value(standard.multi_capture);
    json.key("toleranceBp").value(standard.tolerance_bp);
    json.end_object();
  } else if (family == RuleFamily::kPostingAccounts) {
    json.key("applyCredit").value(true);
    json.key("compensation").value("E");
    json.key("revenue").begin_object();
    for (const std::string_view kind : kRevenueKinds) {
      json.key(kind).value(kind);
    }
    json.end_object();
  }
  json.end_object();
  auto canonical = codec::canonical_json(out);
  return canonical ? *std::move(canonical) : out;
}

std::optional<RuleSetRow> rules_in_force(TableReader& tables, TableId sets, RuleFamily family, Timestamp at) {
  std::optional<RuleSetRow> best;
  const std::uint64_t count = tables.row_count(sets);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto row = tables.get<RuleSetRow>(sets, i);
    if (row.live != 0 && row.family == static_cast<std::uint16_t>(family) && row.effective_from_ns <= at.ns &&
        (!best || row.version > best->version)) {
      best = row;
    }
  }
  return best;
}

RuleSetCache::~RuleSetCache() {
  for (Node* node = head_.load(); node != nullptr;) {
    const std::unique_ptr<Node> owned(node);
    node = owned->next;
  }
}

const RuleSet* RuleSetCache::find(const std::array<std::byte, 32>& digest) const noexcept {
  for (const Node* node = head_.load(std::memory_order_acquire); node != nullptr; node = node->next) {
    if (node->set.digest == digest) {
      return &node->set;
    }
  }
  return nullptr;
}

const RuleSet& RuleSetCache::add(RuleSet set) {
  auto node = std::make_unique<Node>();
  node->set = std::move(set);
  node->next = head_.load(std::memory_order_relaxed);
  while (!head_.compare_exchange_weak(node->next, node.get(), std::memory_order_release, std::memory_order_relaxed)) {
  }
  return node.release()->set;
}

}  // namespace carnet::rental
