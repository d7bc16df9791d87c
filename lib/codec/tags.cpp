// SPDX-License-Identifier: Apache-2.0
//
// Tags that a payload gives. Rules are matched with the type's fields once; the walk touches only fields that can give
// one.
#include "base/check.hpp"
#include "codec/payload_type.hpp"
#include "codec/payload_type_impl.hpp"
#include "codec/payload_view.hpp"

#include <algorithm>
#include <unordered_map>

namespace carnet::codec {

using wire::List;
using wire::Struct;
using wire::Word;

/// One field of a struct: what it gives, or the struct below it.
struct TagPlan::Step {
  const FieldPlan* field = nullptr;
  const TagRule* rule = nullptr;         // null: go down
  const FieldPlan* condition = nullptr;  // sibling of `rule`'s when_field; null: none
  std::vector<std::uint16_t> allowed;    // values of the sibling, when it is an enum
  std::size_t level = 0;                 // of the struct below
};

struct TagPlan::Level {
  std::vector<Step> steps;
};

class TagCompiler {
 public:
  explicit TagCompiler(std::span<const TagRule> rules) : rules_(rules) {}

  /// Number of the level of `plan`; its steps are empty when nothing in it gives a tag.
  std::size_t level(const StructPlan& plan) {
    if (const auto known = numbers_.find(&plan); known != numbers_.end()) {
      return known->second;
    }
    TagPlan::Level made;
    for (const FieldPlan& field : plan.fields) {
      if (field.base == Base::kText) {
        for (const TagRule& rule : rules_) {
          add(made, plan, field, rule);
        }
      } else if (field.base == Base::kStruct) {
        const std::size_t below = level(*field.structure);
        if (!levels_[below].steps.empty()) {
          made.steps.push_back({.field = &field, .rule = nullptr, .condition = nullptr, .allowed = {}, .level = below});
        }
      }
    }
    levels_.push_back(std::move(made));
    return numbers_[&plan] = levels_.size() - 1;
  }

  /// The root's level is the last: it is made when all below it are.
  [[nodiscard]] std::vector<TagPlan::Level> take() && { return std::move(levels_); }

 private:
  static void add(TagPlan::Level& level, const StructPlan& plan, const FieldPlan& field, const TagRule& rule) {
    if (rule.field != (rule.marked ? field.marked : field.name)) {
      return;
    }
    TagPlan::Step step;
    step.field = &field;
    step.rule = &rule;
    if (!rule.when_field.empty()) {
      step.condition = plan.find(rule.when_field);
      if (step.condition == nullptr || step.condition->is_list ||
          (step.condition->base != Base::kEnum && step.condition->base != Base::kText)) {
        return;
      }
      if (step.condition->base == Base::kEnum) {
        const std::vector<std::string>& names = step.condition->enumeration->names;
        for (std::size_t value = 0; value < names.size(); ++value) {
          if (std::ranges::find(rule.when_values, names[value]) != rule.when_values.end()) {
            step.allowed.push_back(static_cast<std::uint16_t>(value));
          }
        }
      }
    }
    level.steps.push_back(std::move(step));
  }

  std::span<const TagRule> rules_;
  std::unordered_map<const StructPlan*, std::size_t> numbers_;
  std::vector<TagPlan::Level> levels_;
};

namespace {

/// A name not yet written out: `family/id`, or `id` alone.
struct TagName {
  std::uint16_t row = 0;
  std::string_view family;
  std::string_view id;

  [[nodiscard]] std::size_t size() const noexcept { return family.empty() ? id.size() : family.size() + 1 + id.size(); }

  [[nodiscard]] char at(std::size_t i) const noexcept {
    if (family.empty()) {
      return id[i];
    }
    if (i < family.size()) {
      return family[i];
    }
    return i == family.size() ? '/' : id[i - family.size() - 1];
  }

  void append_to(std::string& out) const {
    if (!family.empty()) {
      out.append(family);
      out.push_back('/');
    }
    out.append(id);
  }
};

int compare_names(const TagName& a, const TagName& b) noexcept {
  if (a.family == b.family) {
    return a.id.compare(b.id);
  }
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common; ++i) {
    const auto left = static_cast<unsigned char>(a.at(i));
    const auto right = static_cast<unsigned char>(b.at(i));
    if (left != right) {
      return left < right ? -1 : 1;
    }
  }
  return a.size() == b.size() ? 0 : (a.size() < b.size() ? -1 : 1);
}

bool comes_before(const TagName& a, const TagName& b) noexcept {
  return a.row != b.row ? a.row < b.row : compare_names(a, b) < 0;
}

}  // namespace

class TagWalk {
 public:
  TagWalk(const std::vector<TagPlan::Level>& levels, std::vector<TagName>& names) : levels_(levels), names_(names) {}

  void structure(std::size_t level, const Struct& object) {
    for (const TagPlan::Step& step : levels_[level].steps) {
      const Word* pointer = object.pointer(step.field->slot);
      if (pointer == nullptr || !holds(step, object)) {
        continue;
      }
      if (step.rule == nullptr) {
        below(step, pointer);
      } else if (!step.field->is_list) {
        add(*step.rule, text_at(pointer));
      } else {
        const List list = list_at(pointer, Base::kText);
        for (std::uint32_t i = 0; i < list.count; ++i) {
          add(*step.rule, text_at(list.pointer(i)));
        }
      }
    }
  }

 private:
  static bool holds(const TagPlan::Step& step, const Struct& object) noexcept {
    if (step.condition == nullptr) {
      return true;
    }
    if (step.condition->base == Base::kEnum) {
      return std::ranges::find(step.allowed, object.get<std::uint16_t>(step.condition->slot)) != step.allowed.end();
    }
    const std::string_view value = text_at(object.pointer(step.condition->slot));
    return std::ranges::find(step.rule->when_values, value) != step.rule->when_values.end();
  }

  void below(const TagPlan::Step& step, const Word* pointer) {
    if (!step.field->is_list) {
      structure(step.level, struct_at(pointer));
      return;
    }
    const List list = list_at(pointer, Base::kStruct);
    for (std::uint32_t i = 0; i < list.count; ++i) {
      structure(step.level, list.element(i));
    }
  }

  // Few names: a sorted insertion beats anything clever. A name of several rows stays in the first of them.
  void add(const TagRule& rule, std::string_view text) {
    if (text.empty()) {
      return;
    }
    const TagName name{.row = rule.row, .family = rule.family, .id = text};
    for (auto known = names_.begin(); known != names_.end(); ++known) {
      if (compare_names(*known, name) == 0) {
        if (known->row <= name.row) {
          return;
        }
        names_.erase(known);
        break;
      }
    }
    names_.insert(std::ranges::upper_bound(names_, name, comes_before), name);
  }

  const std::vector<TagPlan::Level>& levels_;
  std::vector<TagName>& names_;
};

TagPlan PayloadType::compile_tags(std::span<const TagRule> rules) const {
  TagCompiler compiler(rules);
  compiler.level(impl_->plan->root());
  TagPlan plan;
  plan.levels_ = std::make_shared<const std::vector<TagPlan::Level>>(std::move(compiler).take());
  return plan;
}

void PayloadType::derive_tags(const PayloadView& payload, const TagPlan& plan, std::vector<std::string>& out) const {
  CARNET_REQUIRE(plan.levels_ != nullptr, "the plan was compiled");
  Struct object;
  if (!root_of(payload, object)) {
    return;
  }
  thread_local std::vector<TagName> names;
  names.clear();
  TagWalk(*plan.levels_, names).structure(plan.levels_->size() - 1, object);
  for (const TagName& name : names) {
    std::string& text = out.emplace_back();
    text.reserve(name.size());
    name.append_to(text);
  }
}

void PayloadType::derive_tags(const PayloadView& payload, std::span<const TagRule> rules,
                              std::vector<std::string>& out) const {
  derive_tags(payload, compile_tags(rules), out);
}

}  // namespace carnet::codec
