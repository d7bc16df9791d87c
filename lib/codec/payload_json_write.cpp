// SPDX-License-Identifier: Apache-2.0
//
// Payloads as JSON by the contract of the command line: integers exact, times RFC 3339, bytes hex, an absent optional
// an absent key, keys in schema order.
#include "base/bytes.hpp"
#include "base/calendar.hpp"
#include "codec/json.hpp"
#include "codec/payload_type.hpp"
#include "codec/payload_type_impl.hpp"
#include "codec/payload_view.hpp"

#include <carnet/money.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace carnet::codec {
namespace {

using wire::List;
using wire::Struct;
using wire::Word;

void append_number(std::string& out, std::int64_t value) {
  const fmt::format_int digits(value);
  out.append(digits.data(), digits.size());
}

void append_number(std::string& out, std::uint64_t value) {
  const fmt::format_int digits(value);
  out.append(digits.data(), digits.size());
}

class PayloadPrinter {
 public:
  PayloadPrinter(std::span<const PersonalField> opened, std::string& out) : opened_(opened), out_(out) {}

  void structure(const StructPlan& plan, const Struct& object) {
    if (plan.role == Role::kBox) {
      number(plan.fields[0], object);
      return;
    }
    out_.push_back('{');
    bool first = true;
    for (const FieldPlan& field : plan.fields) {
      const Word* pointer = field.is_pointer() ? object.pointer(field.slot) : nullptr;
      if (field.is_pointer() && pointer == nullptr && find_opened(field) == nullptr) {
        continue;
      }
      if (!first) {
        out_.push_back(',');
      }
      first = false;
      // Names of fields are letters and digits: nothing to escape.
      out_.push_back('"');
      out_.append(field.name);
      out_.append("\":");
      if (!field.is_pointer()) {
        number(field, object);
      } else if (field.is_list) {
        list(field, pointer);
      } else {
        value(field, pointer);
      }
    }
    out_.push_back('}');
  }

 private:
  void number(const FieldPlan& field, const Struct& object) {
    switch (field.base) {
      case Base::kBool:
        boolean(object.get_bit(field.slot));
        break;
      case Base::kInt8:
        integer(field, object.get<std::int8_t>(field.slot));
        break;
      case Base::kInt16:
        integer(field, object.get<std::int16_t>(field.slot));
        break;
      case Base::kInt32:
        integer(field, object.get<std::int32_t>(field.slot));
        break;
      case Base::kInt64:
        integer(field, object.get<std::int64_t>(field.slot));
        break;
      case Base::kUInt8:
        natural(field, object.get<std::uint8_t>(field.slot));
        break;
      case Base::kUInt16:
      case Base::kEnum:
        natural(field, object.get<std::uint16_t>(field.slot));
        break;
      case Base::kUInt32:
        natural(field, object.get<std::uint32_t>(field.slot));
        break;
      case Base::kUInt64:
        natural(field, object.get<std::uint64_t>(field.slot));
        break;
      default:
        break;
    }
  }

  void element(const FieldPlan& field, const List& list, std::uint32_t i) {
    switch (field.base) {
      case Base::kBool:
        boolean(list.get_bit(i));
        break;
      case Base::kInt8:
        integer(field, list.get<std::int8_t>(i));
        break;
      case Base::kInt16:
        integer(field, list.get<std::int16_t>(i));
        break;
      case Base::kInt32:
        integer(field, list.get<std::int32_t>(i));
        break;
      case Base::kInt64:
        integer(field, list.get<std::int64_t>(i));
        break;
      case Base::kUInt8:
        natural(field, list.get<std::uint8_t>(i));
        break;
      case Base::kUInt16:
      case Base::kEnum:
        natural(field, list.get<std::uint16_t>(i));
        break;
      case Base::kUInt32:
        natural(field, list.get<std::uint32_t>(i));
        break;
      case Base::kUInt64:
        natural(field, list.get<std::uint64_t>(i));
        break;
      case Base::kStruct:
        path_.push(field, i);
        structure(*field.structure, list.element(i));
        path_.pop();
        break;
      default:
        value(field, list.pointer(i));
        break;
    }
  }

  void boolean(bool flag) { out_ += flag ? "true" : "false"; }

  void integer(const FieldPlan& field, std::int64_t value) {
    switch (field.format) {
      case Format::kTime:
        quoted([&] { base::append_text(out_, Timestamp{value}); });
        break;
      case Format::kDuration:
        quoted([&] { base::append_text(out_, Duration{value}); });
        break;
      case Format::kDate:
        quoted([&] { base::append_text(out_, LocalDate{static_cast<std::int32_t>(value)}); });
        break;
      default:
        append_number(out_, value);
    }
  }

  void natural(const FieldPlan& field, std::uint64_t value) {
    if (field.format == Format::kCurrency) {
      append_json_string(out_, Currency(static_cast<std::uint32_t>(value)).code());
    } else if (field.base == Base::kEnum && value < field.enumeration->names.size()) {
      quoted([&] { out_.append(field.enumeration->names[value]); });
    } else {
      append_number(out_, value);
    }
  }

  template <class Append>
  void quoted(Append append) {
    out_.push_back('"');
    append();
    out_.push_back('"');
  }

  void list(const FieldPlan& field, const Word* pointer) {
    const List list = list_at(pointer, field.base);
    out_.push_back('[');
    for (std::uint32_t i = 0; i < list.count; ++i) {
      if (i > 0) {
        out_.push_back(',');
      }
      element(field, list, i);
    }
    out_.push_back(']');
  }

  // A text, data or struct; also an element of a list, where the pointer may be null in a damaged payload.
  void value(const FieldPlan& field, const Word* pointer) {
    if (field.base == Base::kText) {
      append_json_string(out_, text_at(pointer));
    } else if (field.base == Base::kData) {
      base::ByteSpan bytes;
      const bool there = pointer != nullptr && wire::read_data(pointer, bytes);
      quoted([&] { out_ += there ? base::to_hex(bytes) : std::string(); });
    } else if (field.is_personal()) {
      personal(field);
    } else {
      path_.push(field);
      structure(*field.structure, struct_at(pointer));
      path_.pop();
    }
  }

  // A draft's plain text stands here before it is sealed.
  const PersonalField* find_opened(const FieldPlan& field) const {
    if (opened_.empty() || !field.is_personal()) {
      return nullptr;
    }
    const auto found = std::ranges::find(opened_, path_.spell(field), &PersonalField::path);
    return found == opened_.end() ? nullptr : &*found;
  }

  void personal(const FieldPlan& field) {
    const PersonalField* opened = find_opened(field);
    append_json_string(out_, opened == nullptr ? kSealedText : std::string_view(opened->plaintext));
  }

  std::span<const PersonalField> opened_;
  std::string& out_;
  Path path_;
};

}  // namespace

void PayloadType::append_json(const PayloadView& payload, std::span<const PersonalField> opened,
                              std::string& out) const {
  Struct object;
  if (!root_of(payload, object)) {
    out += "null";
    return;
  }
  PayloadPrinter(opened, out).structure(impl_->plan->root(), object);
}

}  // namespace carnet::codec
