// SPDX-License-Identifier: Apache-2.0
//
// From nodes to plans, with every rule that a payload's schema must meet. Nodes may come from a log: nothing in them is
// trusted to be consistent.
#include "codec/plan.hpp"

#include "codec/closure.hpp"

#include <carnet/schema/core.capnp.h>
#include <carnet/schema/log.capnp.h>

#include <capnp/message.h>
#include <capnp/schema.capnp.h>
#include <capnp/serialize.h>
#include <fmt/format.h>
#include <kj/exception.h>

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

namespace carnet::codec {
namespace {

using capnp::schema::Annotation;
using capnp::schema::Field;
using capnp::schema::Node;
using capnp::schema::Type;
using capnp::schema::Value;

// Ids of the annotations of core.capnp.
enum class AnnotationId : std::uint64_t {
  kFact = 0xb5a0b9e2b3f4c901,
  kDerived = 0xb5a0b9e2b3f4c902,
  kStreams = 0xb5a0b9e2b3f4c903,
  kStreamId = 0xb5a0b9e2b3f4c904,
  kBox = 0xb5a0b9e2b3f4c905,
  kOptional = 0xb5a0b9e2b3f4c910,
  kPersonal = 0xb5a0b9e2b3f4c911,
  kPersonalOf = 0xb5a0b9e2b3f4c912,
  kTime = 0xb5a0b9e2b3f4c913,
  kDuration = 0xb5a0b9e2b3f4c914,
  kDate = 0xb5a0b9e2b3f4c915,
  kCurrency = 0xb5a0b9e2b3f4c916,
  kDigest = 0xb5a0b9e2b3f4c917,
  kId = 0xb5a0b9e2b3f4c918,
  kName = 0xb5a0b9e2b3f4c919,
  kCodes = 0xb5a0b9e2b3f4c91a,
  kMarked = 0xb5a0b9e2b3f4c91b,
  kUnit = 0xb5a0b9e2b3f4c91c,
  kJson = 0xb5a0b9e2b3f4c91d,
};

std::string to_string(capnp::Text::Reader text) {
  return {text.begin(), text.size()};
}

std::string short_name(Node::Reader node) {
  const std::string name = to_string(node.getDisplayName());
  const std::size_t prefix = std::min<std::size_t>(node.getDisplayNamePrefixLength(), name.size());
  return name.substr(prefix);
}

bool is_identifier(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

std::optional<Base> base_of(Type::Which which) noexcept {
  switch (which) {
    case Type::BOOL:
      return Base::kBool;
    case Type::INT8:
      return Base::kInt8;
    case Type::INT16:
      return Base::kInt16;
    case Type::INT32:
      return Base::kInt32;
    case Type::INT64:
      return Base::kInt64;
    case Type::UINT8:
      return Base::kUInt8;
    case Type::UINT16:
      return Base::kUInt16;
    case Type::UINT32:
      return Base::kUInt32;
    case Type::UINT64:
      return Base::kUInt64;
    case Type::ENUM:
      return Base::kEnum;
    case Type::TEXT:
      return Base::kText;
    case Type::DATA:
      return Base::kData;
    case Type::STRUCT:
      return Base::kStruct;
    default:
      return std::nullopt;
  }
}

std::string text_of(Annotation::Reader annotation) {
  const Value::Reader value = annotation.getValue();
  return value.isText() ? to_string(value.getText()) : std::string();
}

struct FormatRule {
  AnnotationId annotation;
  Format format;
  Base base;
  bool lists;
  const char* needs;
};

constexpr FormatRule kFormats[] = {
    {AnnotationId::kTime, Format::kTime, Base::kInt64, true, "$time needs Int64"},
    {AnnotationId::kDuration, Format::kDuration, Base::kInt64, true, "$duration needs Int64"},
    {AnnotationId::kDate, Format::kDate, Base::kInt32, true, "$date needs Int32"},
    {AnnotationId::kCurrency, Format::kCurrency, Base::kUInt32, true, "$currency needs UInt32"},
    {AnnotationId::kDigest, Format::kDigest, Base::kData, true, "$digest needs Data"},
    {AnnotationId::kId, Format::kId, Base::kText, true, "$id needs Text"},
    {AnnotationId::kName, Format::kName, Base::kText, true, "$name needs Text"},
    {AnnotationId::kCodes, Format::kCode, Base::kText, true, "$codes needs Text"},
    {AnnotationId::kJson, Format::kJson, Base::kText, false, "$json needs Text"},
};

}  // namespace

class PlanCompiler {
 public:
  PlanCompiler(std::string_view type, std::span<const wire::Word> closure)
      : type_(type),
        segment_(reinterpret_cast<const capnp::word*>(closure.data()), closure.size()),
        reader_(kj::arrayPtr(&segment_, 1), {std::uint64_t{1} << 40U, kNestingMax}) {
    for (const auto node : reader_.getRoot<schema::SchemaClosure>().getNodes()) {
      nodes_.emplace(node.getId(), node);
    }
  }

  Result<std::unique_ptr<const Plan>> compile(std::uint64_t root) {
    plan_ = std::make_unique<Plan>();
    plan_->root_ = structure(root);
    if (plan_->root_ != nullptr) {
      nature(nodes_.at(root));
    }
    if (fault_) {
      return *std::move(fault_);
    }
    return std::unique_ptr<const Plan>(std::move(plan_));
  }

 private:
  // Notes the first fault; the walk ends at it.
  std::nullptr_t fail(std::string_view field, std::string_view reason) {
    if (!fault_) {
      fault_ = schema_not_supported(type_, field, reason);
    }
    return nullptr;
  }

  void nature(Node::Reader node) {
    bool fact = false;
    bool derived = false;
    for (const auto annotation : node.getAnnotations()) {
      switch (static_cast<AnnotationId>(annotation.getId())) {
        case AnnotationId::kFact:
          fact = true;
          break;
        case AnnotationId::kDerived:
          derived = true;
          break;
        case AnnotationId::kStreamId:
          plan_->stream_id_field_ = text_of(annotation);
          break;
        case AnnotationId::kStreams:
          stream_families(annotation.getValue());
          break;
        default:
          break;
      }
    }
    if (fact == derived) {
      fail({}, "it is annotated neither $fact nor $derived, or both");
    }
    plan_->derived_ = derived;
    if (plan_->root_->role != Role::kPlain) {
      fail({}, "a box or a sealed field is no event");
    }
    if (!plan_->stream_id_field_.empty()) {
      const FieldPlan* field = plan_->root_->find(plan_->stream_id_field_);
      if (field == nullptr || field->base != Base::kText || field->is_list) {
        fail(plan_->stream_id_field_, "$streamId names no Text field");
      }
    }
  }

  void stream_families(Value::Reader value) {
    if (!value.isList()) {
      fail({}, "$streams needs a list of families");
      return;
    }
    for (const auto family : value.getList().getAs<capnp::List<capnp::Text>>()) {
      plan_->stream_families_.push_back(to_string(family));
      if (!is_identifier(plan_->stream_families_.back())) {
        fail({}, "$streams names a family that is none");
      }
    }
  }

  const EnumPlan* enumeration(std::string_view field, std::uint64_t id) {
    if (const auto known = enums_.find(id); known != enums_.end()) {
      return known->second;
    }
    const auto found = nodes_.find(id);
    if (found == nodes_.end() || !found->second.isEnum()) {
      return fail(field, "its enum is missing");
    }
    auto plan = std::make_unique<EnumPlan>();
    plan->id = id;
    plan->name = short_name(found->second);
    for (const auto enumerant : found->second.getEnum().getEnumerants()) {
      plan->names.push_back(to_string(enumerant.getName()));
      if (!is_identifier(plan->names.back())) {
        return fail(field, "an enumerant has no name");
      }
    }
    if (plan->names.empty() || plan->names[0] != "unspecified") {
      return fail(field, "enumerant 0 must be `unspecified`");
    }
    plan_->enums_.push_back(std::move(plan));
    return enums_[id] = plan_->enums_.back().get();
  }

  const StructPlan* structure(std::uint64_t id) {
    if (const auto known = structs_.find(id); known != structs_.end()) {
      // Null while it is being compiled: it contains itself.
      return known->second != nullptr ? known->second : fail({}, "a struct contains itself");
    }
    const auto found = nodes_.find(id);
    if (found == nodes_.end() || !found->second.isStruct()) {
      return fail({}, "a struct that it uses is missing");
    }
    structs_[id] = nullptr;
    const Node::Reader node = found->second;
    auto plan = std::make_unique<StructPlan>();
    plan->id = id;
    plan->name = short_name(node);
    plan->data_words = node.getStruct().getDataWordCount();
    plan->pointer_count = node.getStruct().getPointerCount();
    plan->used_bits.assign(plan->data_words, 0);
    if (node.getIsGeneric() || node.getStruct().getIsGroup()) {
      return fail(plan->name, "generic structs and groups are not supported");
    }
    if (node.getStruct().getDiscriminantCount() != 0) {
      return fail(plan->name, "unions are not supported");
    }
    for (const auto field : node.getStruct().getFields()) {
      if (!add_field(*plan, field)) {
        return nullptr;
      }
    }
    if (std::ranges::count_if(plan->fields, &FieldPlan::is_pointer) != plan->pointer_count) {
      return fail(plan->name, "it has a pointer that belongs to no field");
    }
    if (!role(*plan, node)) {
      return nullptr;
    }
    plan_->structs_.push_back(std::move(plan));
    return structs_[id] = plan_->structs_.back().get();
  }

  bool role(StructPlan& plan, Node::Reader node) {
    if (plan.id == capnp::typeId<schema::Sealed>()) {
      plan.role = Role::kSealed;
    }
    for (const auto annotation : node.getAnnotations()) {
      if (static_cast<AnnotationId>(annotation.getId()) == AnnotationId::kBox) {
        plan.role = Role::kBox;
        if (plan.fields.size() != 1 || plan.fields[0].name != "value" || plan.fields[0].is_pointer()) {
          fail(plan.name, "a box has one field, a plain `value`");
          return false;
        }
      }
    }
    return true;
  }

  bool add_field(StructPlan& plan, Field::Reader from) {
    FieldPlan field;
    field.name = to_string(from.getName());
    if (!is_identifier(field.name)) {
      fail(plan.name, "a field has no name of letters and digits");
      return false;
    }
    if (plan.find(field.name) != nullptr) {
      fail(field.name, "the name stands twice");
      return false;
    }
    if (from.getDiscriminantValue() != Field::NO_DISCRIMINANT || !from.isSlot()) {
      fail(field.name, "unions and groups are not supported");
      return false;
    }
    const auto slot = from.getSlot();
    field.slot = slot.getOffset();
    if (!type(field, slot.getType()) || !annotations(field, from.getAnnotations()) || !rules(field) ||
        !no_default(field, slot) || !place(plan, field)) {
      return false;
    }
    note(plan, field);
    plan.fields.push_back(std::move(field));
    return true;
  }

  bool type(FieldPlan& field, Type::Reader type) {
    if (type.isList()) {
      field.is_list = true;
      type = type.getList().getElementType();
    }
    const auto base = base_of(type.which());
    if (!base) {
      fail(field.name, type.isList()
                           ? "lists of lists are not supported"
                           : "its type is not supported (integers, Bool, Text, Data, enums, structs and lists)");
      return false;
    }
    field.base = *base;
    if (field.base == Base::kEnum) {
      field.enumeration = enumeration(field.name, type.getEnum().getTypeId());
      return field.enumeration != nullptr;
    }
    if (field.base == Base::kStruct) {
      field.structure = structure(type.getStruct().getTypeId());
      return field.structure != nullptr;
    }
    return true;
  }

  bool annotations(FieldPlan& field, capnp::List<Annotation>::Reader annotations) {
    for (const auto annotation : annotations) {
      const auto id = static_cast<AnnotationId>(annotation.getId());
      switch (id) {
        case AnnotationId::kOptional:
          field.is_optional = true;
          break;
        case AnnotationId::kPersonal:
          field.data_class = text_of(annotation);
          break;
        case AnnotationId::kPersonalOf:
          field.subject = text_of(annotation);
          break;
        case AnnotationId::kMarked:
          field.marked = text_of(annotation);
          break;
        case AnnotationId::kUnit:
          field.unit = text_of(annotation);
          break;
        case AnnotationId::kCodes:
          field.codes = text_of(annotation);
          break;
        default:
          break;
      }
      const auto* rule = std::ranges::find(kFormats, id, &FormatRule::annotation);
      if (rule != std::end(kFormats) && !format(field, *rule)) {
        return false;
      }
    }
    return true;
  }

  bool format(FieldPlan& field, const FormatRule& rule) {
    if (field.format != Format::kPlain) {
      fail(field.name, "two annotations say what it holds");
      return false;
    }
    if (field.base != rule.base || (field.is_list && !rule.lists)) {
      fail(field.name, rule.needs);
      return false;
    }
    field.format = rule.format;
    return true;
  }

  bool rules(const FieldPlan& field) {
    const bool is_sealed = field.structure != nullptr && field.structure->role == Role::kSealed;
    const char* broken = nullptr;
    if (is_sealed != field.is_personal()) {
      broken = "$personal and the type Sealed go together";
    } else if (is_sealed && field.is_list) {
      broken = "a list of sealed values has no names for them: put each into a struct";
    } else if (!field.subject.empty() && !field.is_personal()) {
      broken = "$personalOf needs $personal";
    } else if (field.is_optional && !field.is_pointer()) {
      broken = "an optional number needs a box (OptionalInt64, …)";
    } else if (!field.marked.empty() && (field.base != Base::kText)) {
      broken = "$marked needs Text";
    } else if (field.format == Format::kCode && field.codes.empty()) {
      broken = "$codes names no list";
    }
    if (broken != nullptr) {
      fail(field.name, broken);
    }
    return broken == nullptr;
  }

  // A default would make an absent field look stated, and a stored zero look like something else.
  bool no_default(const FieldPlan& field, Field::Slot::Reader slot) {
    const Value::Reader value = slot.getDefaultValue();
    bool zero = true;
    switch (value.which()) {
      case Value::BOOL:
        zero = !value.getBool();
        break;
      case Value::INT8:
        zero = value.getInt8() == 0;
        break;
      case Value::INT16:
        zero = value.getInt16() == 0;
        break;
      case Value::INT32:
        zero = value.getInt32() == 0;
        break;
      case Value::INT64:
        zero = value.getInt64() == 0;
        break;
      case Value::UINT8:
        zero = value.getUint8() == 0;
        break;
      case Value::UINT16:
        zero = value.getUint16() == 0;
        break;
      case Value::UINT32:
        zero = value.getUint32() == 0;
        break;
      case Value::UINT64:
        zero = value.getUint64() == 0;
        break;
      case Value::ENUM:
        zero = value.getEnum() == 0;
        break;
      default:
        zero = !slot.getHadExplicitDefault();
        break;
    }
    if (!zero) {
      fail(field.name, "defaults are not supported");
    }
    return zero;
  }

  bool place(StructPlan& plan, const FieldPlan& field) {
    if (field.is_pointer()) {
      const auto is_same = [&](const FieldPlan& other) { return other.is_pointer() && other.slot == field.slot; };
      if (field.slot < plan.pointer_count && std::ranges::none_of(plan.fields, is_same)) {
        return true;
      }
    } else {
      const std::uint64_t bits = bits_of(field.base);
      const std::uint64_t first = field.slot * bits;
      if (first + bits <= std::uint64_t{plan.data_words} * 64) {
        const wire::Word mask = bits == 64 ? ~wire::Word{0} : ((wire::Word{1} << bits) - 1) << (first % 64);
        wire::Word& used = plan.used_bits[first / 64];
        if ((used & mask) == 0) {
          used |= mask;
          return true;
        }
      }
    }
    fail(field.name, "its place is outside the struct or taken");
    return false;
  }

  void note(StructPlan& plan, const FieldPlan& field) {
    std::uint32_t levels = field.is_pointer() ? 1 : 0;
    if (field.structure != nullptr) {
      plan.has_personal = plan.has_personal || field.structure->has_personal;
      plan.has_codes = plan.has_codes || field.structure->has_codes;
      levels += field.structure->levels;
    } else if (field.is_list && bits_of(field.base) == 0) {
      ++levels;
    }
    plan.has_personal = plan.has_personal || field.is_personal();
    plan.has_codes = plan.has_codes || field.format == Format::kCode;
    plan.levels = std::max(plan.levels, levels);
    if (plan.levels > kPayloadLevelsMax) {
      fail(field.name, "it is nested too deep");
    }
  }

  std::string_view type_;
  kj::ArrayPtr<const capnp::word> segment_;
  capnp::SegmentArrayMessageReader reader_;
  std::map<std::uint64_t, Node::Reader> nodes_;
  std::unordered_map<std::uint64_t, const StructPlan*> structs_;
  std::unordered_map<std::uint64_t, const EnumPlan*> enums_;
  std::unique_ptr<Plan> plan_;
  std::optional<Error> fault_;
};

namespace {

// A personal field's account must be known: the field that names it stands beside it or at the root.
const FieldPlan* missing_subject(const StructPlan& structure, const StructPlan& root) {
  for (const FieldPlan& field : structure.fields) {
    if (field.is_personal()) {
      const auto names = [&](std::string_view name) {
        const auto is_text = [](const FieldPlan* found) {
          return found != nullptr && found->base == Base::kText && !found->is_list;
        };
        return is_text(structure.find(name)) || is_text(root.find(name));
      };
      const bool found = field.subject.empty() ? names("accountId") || names("party") : names(field.subject);
      if (!found) {
        return &field;
      }
    } else if (field.structure != nullptr && field.structure->has_personal) {
      if (const FieldPlan* below = missing_subject(*field.structure, root); below != nullptr) {
        return below;
      }
    }
  }
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<const Plan>> Plan::compile(std::string_view type, std::uint64_t root,
                                                  std::span<const wire::Word> closure) {
  std::optional<Result<std::unique_ptr<const Plan>>> result;
  const auto exception = kj::runCatchingExceptions([&] { result = PlanCompiler(type, closure).compile(root); });
  if (exception != nullptr) {
    return schema_not_supported(type, {}, "its nodes are malformed");
  }
  if (result->has_value()) {
    const StructPlan& structure = (**result)->root();
    if (const FieldPlan* field = missing_subject(structure, structure); field != nullptr) {
      return schema_not_supported(type, field->name, "no field names the account whose key seals it");
    }
  }
  return *std::move(result);
}

const FieldPlan* StructPlan::find(std::string_view field) const noexcept {
  for (const FieldPlan& candidate : fields) {
    if (candidate.name == field) {
      return &candidate;
    }
  }
  return nullptr;
}

void Path::append(std::string& out, const FieldPlan& field, std::int64_t index) {
  if (!out.empty()) {
    out += '.';
  }
  out += field.name;
  if (index != kNoIndex) {
    fmt::format_to(std::back_inserter(out), "[{}]", index);
  }
}

std::string Path::spell() const {
  std::string out;
  for (std::size_t i = 0; i < count_; ++i) {
    append(out, *steps_[i].field, steps_[i].index);
  }
  return out;
}

std::string Path::spell(const FieldPlan& leaf, std::int64_t index) const {
  std::string out = spell();
  append(out, leaf, index);
  return out;
}

}  // namespace carnet::codec
