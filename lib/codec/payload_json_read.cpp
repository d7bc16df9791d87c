// SPDX-License-Identifier: Apache-2.0
//
// Payloads from JSON, strictly: each key known, none twice, none missing, integers whole and in range. Faults name the
// path and what was expected, never what stood there. What a value means (ids, names, codes) is PayloadType::check()'s
// to judge.
#include "base/bytes.hpp"
#include "codec/json.hpp"
#include "codec/json_document.hpp"
#include "codec/payload_type.hpp"
#include "codec/payload_type_impl.hpp"

#include <carnet/money.hpp>
#include <carnet/time.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace carnet::codec {
namespace {

using wire::Words;
using wire::Writer;

class PayloadParser {
 public:
  PayloadParser(Words& words, std::vector<PersonalField>& personal) : writer_(words), personal_(personal) {}

  void root(const StructPlan& plan, JsonValue value) {
    const std::size_t at = writer_.allocate(1);
    structure(plan, value, writer_.init_struct(at, plan.data_words, plan.pointer_count));
  }

  std::optional<PayloadFault> fault() && { return std::move(fault_); }

 private:
  // Every method returns false after a fault.

  bool fail_at(std::string path, const char* error, std::string message) {
    fault_ =
        PayloadFault{.error = error, .path = path.empty() ? "data" : "data." + path, .message = std::move(message)};
    return false;
  }

  bool fail(const FieldPlan& field, std::int64_t index, const char* error, std::string message) {
    return fail_at(path_.spell(field, index), error, std::move(message));
  }

  bool bad_value(const FieldPlan& field, std::int64_t index, std::string_view expected) {
    return fail(field, index, "BadValue", fmt::format("expected {}", expected));
  }

  // `object` is the index of the struct's first word.
  bool structure(const StructPlan& plan, JsonValue value, std::size_t object) {
    if (value.kind() != JsonKind::kObject) {
      return fail_at(path_.spell(), "BadValue", "expected an object");
    }
    const std::size_t base = values_.size();
    values_.resize(base + plan.fields.size());
    const bool good = match(plan, value, base) && fields(plan, object, base);
    values_.resize(base);
    return good;
  }

  // Puts each member's value beside its field.
  bool match(const StructPlan& plan, JsonValue object, std::size_t base) {
    std::size_t expected = 0;
    return for_each_member(object, [&](std::string_view key, JsonValue value) {
      // Keys come in schema order from our own export: try the next field first.
      std::size_t i = expected;
      if (i >= plan.fields.size() || plan.fields[i].name != key) {
        const FieldPlan* field = plan.find(key);
        if (field == nullptr) {
          return unknown_key(key);
        }
        i = static_cast<std::size_t>(field - plan.fields.data());
      }
      if (values_[base + i]) {
        return fail(plan.fields[i], Path::kNoIndex, "DuplicateKey", "the key stands twice");
      }
      values_[base + i] = value;
      expected = i + 1;
      return true;
    });
  }

  bool unknown_key(std::string_view key) {
    const bool is_plain = is_key_to_show(key);
    std::string path = path_.spell();
    if (is_plain) {
      path += (path.empty() ? "" : ".") + std::string(key);
    }
    return fail_at(std::move(path), "UnknownKey", "the type has no field of this name");
  }

  bool fields(const StructPlan& plan, std::size_t object, std::size_t base) {
    const std::size_t pointers = object + plan.data_words;
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
      const FieldPlan& field = plan.fields[i];
      const JsonValue value = values_[base + i];
      if (!value) {
        if (!field.is_optional) {
          return fail(field, Path::kNoIndex, "MissingKey", "the key is required");
        }
        continue;
      }
      const bool good = !field.is_pointer() ? number(field, Path::kNoIndex, value, object, field.slot)
                        : field.is_list     ? list(field, value, pointers + field.slot)
                                            : pointer(field, Path::kNoIndex, value, pointers + field.slot);
      if (!good) {
        return false;
      }
    }
    return true;
  }

  // ---- Numbers: `object` is where the data begin, `slot` counts in units of the base ----

  bool number(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object, std::uint32_t slot) {
    switch (field.base) {
      case Base::kBool:
        if (value.kind() != JsonKind::kBool) {
          return bad_value(field, index, "true or false");
        }
        if (value.flag()) {
          writer_.set_bit(object, slot);
        }
        return true;
      case Base::kInt8:
        return integer<std::int8_t>(field, index, value, object, slot);
      case Base::kInt16:
        return integer<std::int16_t>(field, index, value, object, slot);
      case Base::kInt32:
        return field.format == Format::kDate ? date(field, index, value, object, slot)
                                             : integer<std::int32_t>(field, index, value, object, slot);
      case Base::kInt64:
        return int64(field, index, value, object, slot);
      case Base::kUInt8:
        return natural<std::uint8_t>(field, index, value, object, slot);
      case Base::kUInt16:
        return natural<std::uint16_t>(field, index, value, object, slot);
      case Base::kUInt32:
        return field.format == Format::kCurrency ? currency(field, index, value, object, slot)
                                                 : natural<std::uint32_t>(field, index, value, object, slot);
      case Base::kUInt64:
        return natural<std::uint64_t>(field, index, value, object, slot);
      case Base::kEnum:
        return enumerant(field, index, value, object, slot);
      default:
        return false;
    }
  }

  template <class T>
  bool out_of_range(const FieldPlan& field, std::int64_t index) {
    return bad_value(
        field, index,
        fmt::format("an integer of {} to {}", std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }

  template <class T>
  bool integer(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object, std::uint32_t slot) {
    const auto number = value.to_int64();
    if (!number || *number < std::numeric_limits<T>::min() || *number > std::numeric_limits<T>::max()) {
      return out_of_range<T>(field, index);
    }
    writer_.set<T>(object, slot, static_cast<T>(*number));
    return true;
  }

  template <class T>
  bool natural(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object, std::uint32_t slot) {
    const auto number = value.to_uint64();
    if (!number || *number > std::numeric_limits<T>::max()) {
      return out_of_range<T>(field, index);
    }
    writer_.set<T>(object, slot, static_cast<T>(*number));
    return true;
  }

  bool int64(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object, std::uint32_t slot) {
    if (field.format == Format::kTime) {
      const auto time = text_of(value) ? parse_timestamp(*text_of(value)) : no_text<Timestamp>();
      return time ? set(object, slot, time->ns)
                  : fail(field, index, "BadTime", "expected a time of RFC 3339 (2024-01-31T08:00:00Z)");
    }
    if (field.format == Format::kDuration) {
      const auto duration = text_of(value) ? parse_duration(*text_of(value)) : no_text<Duration>();
      return duration ? set(object, slot, duration->seconds)
                      : fail(field, index, "BadDuration", "expected a duration of ISO 8601 (PT15M)");
    }
    return integer<std::int64_t>(field, index, value, object, slot);
  }

  bool date(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object, std::uint32_t slot) {
    const auto date = text_of(value) ? parse_local_date(*text_of(value)) : no_text<LocalDate>();
    return date ? set(object, slot, date->days) : fail(field, index, "BadDate", "expected a date (2024-01-31)");
  }

  bool currency(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object, std::uint32_t slot) {
    const auto currency = text_of(value) ? Currency::parse(*text_of(value)) : no_text<Currency>();
    return currency
               ? set(object, slot, currency->packed())
               : fail(field, index, "CurrencyUnknown", "expected a currency code of ISO 4217 (EUR), or PTS for points");
  }

  bool enumerant(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object, std::uint32_t slot) {
    const auto text = text_of(value);
    const std::vector<std::string>& names = field.enumeration->names;
    for (std::size_t i = 0; text && i < names.size(); ++i) {
      if (names[i] == *text) {
        return i == 0 ? fail(field, index, "EnumUnspecified", "state one of the values of " + field.enumeration->name)
                      : set(object, slot, static_cast<std::uint16_t>(i));
      }
    }
    return fail(field, index, "EnumUnknown", "expected one of the values of " + field.enumeration->name);
  }

  template <class T>
  bool set(std::size_t object, std::uint32_t slot, T value) {
    writer_.set<T>(object, slot, value);
    return true;
  }

  static std::optional<std::string_view> text_of(JsonValue value) {
    return value.kind() == JsonKind::kString ? std::optional(value.text()) : std::nullopt;
  }

  template <class T>
  static Result<T> no_text() {
    return Error(ErrorCode::kInvalidArgument, "BadValue", "");
  }

  // ---- Pointers: `at` is the index of the pointer word ----

  bool pointer(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t at) {
    if (field.is_personal()) {
      return personal(field, value);
    }
    if (field.base == Base::kStruct) {
      const StructPlan& plan = *field.structure;
      const std::size_t object = writer_.init_struct(at, plan.data_words, plan.pointer_count);
      return element(field, index, value, object);
    }
    const auto text = text_of(value);
    if (field.base == Base::kText) {
      if (!text) {
        return bad_value(field, index, "a string");
      }
      writer_.set_text(at, *text);
      return true;
    }
    const auto bytes = text ? base::from_hex(*text) : std::nullopt;
    if (!bytes) {
      return bad_value(field, index, "bytes as hex digits");
    }
    writer_.set_data(at, base::as_bytes(*bytes));
    return true;
  }

  // A struct that has its words already.
  bool element(const FieldPlan& field, std::int64_t index, JsonValue value, std::size_t object) {
    const StructPlan& plan = *field.structure;
    if (plan.role == Role::kBox) {
      // The box is not seen: a fault names the field that it boxes.
      FieldPlan boxed = plan.fields[0];
      boxed.name = field.name;
      return number(boxed, index, value, object, boxed.slot);
    }
    path_.push(field, index);
    const bool good = structure(plan, value, object);
    path_.pop();
    return good;
  }

  bool personal(const FieldPlan& field, JsonValue value) {
    const auto text = text_of(value);
    if (!text) {
      return bad_value(field, Path::kNoIndex, "a string");
    }
    if (*text == kSealedText) {
      return fail(field, Path::kNoIndex, "SealedValue", "a sealed value cannot be imported: export with the key store");
    }
    personal_.push_back({.path = path_.spell(field), .plaintext = std::string(*text)});
    return true;
  }

  bool list(const FieldPlan& field, JsonValue value, std::size_t at) {
    if (value.kind() != JsonKind::kArray) {
      return bad_value(field, Path::kNoIndex, "an array");
    }
    const std::uint32_t count = value.count();
    if (field.base == Base::kStruct) {
      const StructPlan& plan = *field.structure;
      const std::size_t size = std::size_t{plan.data_words} + plan.pointer_count;
      const std::size_t first = writer_.init_composite(at, count, plan.data_words, plan.pointer_count);
      return for_each_element(value,
                              [&](JsonValue one, std::uint32_t i) { return element(field, i, one, first + i * size); });
    }
    const std::size_t first = writer_.init_list(at, element_size_of(field.base), count);
    return for_each_element(value, [&](JsonValue one, std::uint32_t i) {
      return bits_of(field.base) != 0 ? number(field, i, one, first, i) : pointer(field, i, one, first + i);
    });
  }

  Writer writer_;
  std::vector<PersonalField>& personal_;
  std::vector<JsonValue> values_;  // of the structs that are open, by field
  Path path_;
  std::optional<PayloadFault> fault_;
};

}  // namespace

std::optional<PayloadFault> PayloadType::read(JsonValue object, Payload& payload,
                                              std::vector<PersonalField>& personal) const {
  // A typical payload takes less: one allocation.
  constexpr std::size_t kUsualWords = 64;
  payload.words.clear();
  payload.words.reserve(kUsualWords);
  PayloadParser parser(payload.words, personal);
  parser.root(impl_->plan->root(), object);
  return std::move(parser).fault();
}

std::variant<Payload, PayloadFault> PayloadType::from_json(std::string_view object,
                                                           std::vector<PersonalField>& personal) const {
  JsonDocument document;
  if (const auto fault = document.parse(object)) {
    return PayloadFault{
        .error = "BadJson", .path = "data", .message = fmt::format("{} (at byte {})", fault->what, fault->offset)};
  }
  Payload payload;
  const std::size_t before = personal.size();
  if (auto fault = read(document.root(), payload, personal)) {
    personal.resize(before);
    return *std::move(fault);
  }
  return payload;
}

}  // namespace carnet::codec
