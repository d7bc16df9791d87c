// SPDX-License-Identifier: Apache-2.0
//
// Making a PayloadType, what it says of itself, and reads of single fields.
#include "codec/payload_type.hpp"

#include "base/check.hpp"
#include "codec/payload_type_impl.hpp"
#include "codec/payload_view.hpp"

#include <carnet/schema/log.capnp.h>

#include <capnp/schema.h>

#include <algorithm>

namespace carnet::codec {
namespace {

bool is_type_name(std::string_view name) noexcept {
  const auto is_alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 64 && name[0] >= 'A' && name[0] <= 'Z' &&
         std::ranges::all_of(name, is_alphanumeric);
}

void list_codes_of(const StructPlan& plan, const wire::Struct& object, Path& path,
                   std::vector<PayloadType::CodeUse>& out) {
  const auto add = [&](const FieldPlan& field, const wire::Word* pointer, std::int64_t index) {
    const std::string_view code = text_at(pointer);
    if (!code.empty()) {
      out.push_back({.list = field.codes, .code = code, .path = "data." + path.spell(field, index)});
    }
  };
  for (const FieldPlan& field : plan.fields) {
    const bool is_code = field.format == Format::kCode;
    const bool has_codes = field.structure != nullptr && field.structure->has_codes;
    const wire::Word* pointer = is_code || has_codes ? object.pointer(field.slot) : nullptr;
    if (pointer == nullptr) {
      continue;
    }
    if (!field.is_list) {
      if (is_code) {
        add(field, pointer, Path::kNoIndex);
      } else {
        path.push(field);
        list_codes_of(*field.structure, struct_at(pointer), path, out);
        path.pop();
      }
      continue;
    }
    const wire::List list = list_at(pointer, field.base);
    for (std::uint32_t i = 0; i < list.count; ++i) {
      if (is_code) {
        add(field, list.pointer(i), i);
      } else {
        path.push(field, i);
        list_codes_of(*field.structure, list.element(i), path, out);
        path.pop();
      }
    }
  }
}

}  // namespace

PayloadType::PayloadType(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PayloadType::~PayloadType() = default;

Result<std::shared_ptr<const PayloadType>> PayloadType::create(std::string name, const SchemaHandle& schema) {
  if (!is_type_name(name)) {
    return schema_not_supported(name, {}, "its name is not 1 to 64 letters and digits with a capital first");
  }
  auto impl = std::make_unique<Impl>();
  impl->name = std::move(name);
  CARNET_TRY(impl->closure, make_closure(impl->name, schema));
  CARNET_TRY(impl->plan, Plan::compile(impl->name, impl->closure.root, impl->closure.words));
  return std::shared_ptr<const PayloadType>(new PayloadType(std::move(impl)));
}

const std::string& PayloadType::name() const noexcept {
  return impl_->name;
}

bool PayloadType::derived() const noexcept {
  return impl_->plan->derived();
}

std::span<const std::string> PayloadType::stream_families() const noexcept {
  return impl_->plan->stream_families();
}

std::string_view PayloadType::stream_id_field() const noexcept {
  return impl_->plan->stream_id_field();
}

std::uint64_t PayloadType::root() const noexcept {
  return impl_->closure.root;
}

std::span<const std::uint64_t> PayloadType::closure() const noexcept {
  return impl_->closure.words;
}

std::string_view PayloadType::text_field(const PayloadView& payload, std::string_view field) const {
  const FieldPlan* found = impl_->plan->root().find(field);
  wire::Struct object;
  if (found == nullptr || found->base != Base::kText || found->is_list || !root_of(payload, object)) {
    return {};
  }
  return text_at(object.pointer(found->slot));
}

void PayloadType::list_codes(const PayloadView& payload, std::vector<CodeUse>& out) const {
  wire::Struct object;
  if (impl_->plan->root().has_codes && root_of(payload, object)) {
    Path path;
    list_codes_of(impl_->plan->root(), object, path, out);
  }
}

std::vector<std::uint64_t> log_schema_closure() {
  const void* roots[] = {&capnp::_::rawSchema<schema::CommitHeader>(), &capnp::_::rawSchema<schema::Introduction>(),
                         &capnp::_::rawSchema<schema::Event>()};
  Result<Closure> closure = make_closure("CommitHeader", roots);
  CARNET_ASSERT(closure.has_value(), "the log's own schema is compiled in");
  return std::move(closure->words);
}

}  // namespace carnet::codec
