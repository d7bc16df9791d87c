// SPDX-License-Identifier: Apache-2.0
//
// A payload type in one line, for readers of the reference.
#include "codec/payload_type.hpp"
#include "codec/payload_type_impl.hpp"

namespace carnet::codec {

namespace {

std::string_view number_name(Base base) {
  constexpr std::string_view kNames[] = {"bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"};
  const auto index = static_cast<std::size_t>(base);
  return index < std::size(kNames) ? kNames[index] : std::string_view{};
}

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? "" : "|";
    text += name;
  }
  return text;
}

std::string outline_of(const StructPlan& structure);

std::string type_of(const FieldPlan& field) {
  switch (field.format) {
    case Format::kTime:
      return " Ts";
    case Format::kDuration:
      return " Dur";
    case Format::kDate:
      return " LocalDate";
    case Format::kCurrency:
      return " currency";
    case Format::kDigest:
      return " Sha256";
    case Format::kName:
      return " name";
    case Format::kJson:
      return " json";
    case Format::kCode:
      return "⟨" + field.codes + "⟩";
    case Format::kId:
      return {};
    case Format::kPlain:
      break;
  }
  if (field.base == Base::kEnum) {
    return "{" + joined(std::span(field.enumeration->names).subspan(1)) + "}";
  }
  if (field.base == Base::kStruct) {
    if (field.structure->role == Role::kBox) {
      return type_of(field.structure->fields.front());
    }
    return field.structure->name == "Money" ? " Money" : "{" + outline_of(*field.structure) + "}";
  }
  const std::string number(number_name(field.base));
  const std::string unit = field.unit.empty() ? "" : " " + field.unit;
  return number.empty() ? unit : " " + number + unit;
}

std::string outline_of(const StructPlan& structure) {
  std::string text;
  for (const FieldPlan& field : structure.fields) {
    text += text.empty() ? "" : ", ";
    text += field.name;
    text += field.is_personal() ? "*@" + field.data_class : "";
    text += field.is_list ? "[]" : "";
    text += field.is_personal() ? "" : type_of(field);
    text += field.is_optional ? "?" : "";
  }
  return text;
}

}  // namespace

std::string PayloadType::outline() const {
  return outline_of(impl_->plan->root());
}

std::span<const std::string> PayloadType::enumerants(std::string_view field) const {
  const FieldPlan* plan = impl_->plan->root().find(field);
  if (plan == nullptr || plan->base != Base::kEnum || plan->is_list) {
    return {};
  }
  return plan->enumeration->names;
}

}  // namespace carnet::codec
