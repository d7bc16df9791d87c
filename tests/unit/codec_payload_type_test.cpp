// SPDX-License-Identifier: Apache-2.0
//
// Goal: a type known through its schema alone does all that compiled code could: the closure stands alone and does not
// depend on where it was compiled, what payloads may not be is refused, revisions follow one another by rule. Method:
// every type of this release, schemas parsed from text, and Cap'n Proto's own loader as judge of the closure.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/closure.hpp"
#include "codec/core_types.hpp"
#include "codec/payload_type.hpp"
#include "codec/wire.hpp"
#include "support/payload_samples.hpp"
#include "support/schema_text.hpp"

#include <boost/test/unit_test.hpp>
#include <capnp/dynamic.h>
#include <capnp/schema-loader.h>
#include <capnp/serialize.h>

#include <algorithm>

namespace carnet::codec {
namespace {

using test::must_create;
using test::Sample;
using test::SchemaText;
using test::TypePtr;

const SchemaText& kinds() {
  static const SchemaText text = SchemaText::of_file(CARNET_SOURCE_FOLDER "/tests/schemas/codec_kinds.capnp");
  return text;
}

SchemaHandle stored(const PayloadType& type) {
  return {.compiled = nullptr, .closure_words = {type.closure().begin(), type.closure().end()}, .root = type.root()};
}

/// The nodes of a closure, read by the library.
class LoadedClosure {
 public:
  explicit LoadedClosure(std::span<const std::uint64_t> words)
      : segment_(reinterpret_cast<const capnp::word*>(words.data()), words.size()),
        reader_(kj::arrayPtr(&segment_, 1)) {
    for (const auto node : nodes()) {
      loader_.load(node);
    }
  }

  capnp::List<capnp::schema::Node>::Reader nodes() { return reader_.getRoot<schema::SchemaClosure>().getNodes(); }

  capnp::Schema get(std::uint64_t id) { return loader_.get(id); }

  bool has(std::string_view name) {
    for (const auto node : nodes()) {
      if (as_text(node.getDisplayName()) == name) {
        return true;
      }
    }
    return false;
  }

 private:
  kj::ArrayPtr<const capnp::word> segment_;
  capnp::SegmentArrayMessageReader reader_;
  capnp::SchemaLoader loader_;
};

std::string refusal_of(const std::string& name, const SchemaHandle& schema) {
  const auto type = PayloadType::create(name, schema);
  if (type) {
    return "accepted";
  }
  BOOST_TEST((type.error().code() == ErrorCode::kInvalidArgument));
  BOOST_TEST(type.error().name() == "SchemaNotSupported");
  BOOST_TEST(type.error().fact("type") == name);
  return std::string(type.error().fact("reason"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(payload_type)

BOOST_AUTO_TEST_CASE(every_type_of_this_release_is_supported) {
  for (const test::TypeSample& sample : test::release_samples()) {
    const TypePtr type = must_create(sample.spec.name, sample.spec.schema);
    BOOST_TEST(type->name() == sample.spec.name);
    BOOST_TEST(!type->derived(), sample.spec.name);
    BOOST_TEST(type->closure().size() > 10U);
  }
}

BOOST_AUTO_TEST_CASE(annotations_of_the_struct_are_read) {
  const TypePtr payment = must_create<schema::PaymentReceived>();
  BOOST_TEST(payment->stream_families().size() == 1U);
  BOOST_TEST(payment->stream_families()[0] == "payment");
  BOOST_TEST(payment->stream_id_field() == "paymentId");
  BOOST_TEST(!payment->has_personal_fields());
  const TypePtr assigned = must_create<schema::ReceivableAssigned>();
  BOOST_TEST(assigned->stream_families().size() == 2U);
  BOOST_TEST(assigned->stream_id_field().empty());
  BOOST_TEST(must_create<schema::FeedbackReceived>()->has_personal_fields());
  const TypePtr personal = must_create("WithPersonal", kinds().handle("WithPersonal"));
  BOOST_TEST(personal->derived());
  BOOST_TEST(personal->stream_families().empty());
}

BOOST_AUTO_TEST_CASE(core_types_come_in_the_order_of_their_numbers) {
  const auto types = core_event_types();
  BOOST_REQUIRE(types.size() == core::kTypeCount);
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kLedgerCreated)].name == "LedgerCreated");
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kLossAccepted)].name == "LossAccepted");
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kSubjectKeyCreated)].name == "SubjectKeyCreated");
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kSubjectKeyRotated)].name == "SubjectKeyRotated");
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kPersonalDataErased)].name == "PersonalDataErased");
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kPersonalDataOpened)].name == "PersonalDataOpened");
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kAccessGranted)].name == "AccessGranted");
  BOOST_TEST(types[static_cast<std::size_t>(core::Type::kAccessRevoked)].name == "AccessRevoked");
  for (const EventTypeSpec& spec : types) {
    must_create(spec.name, spec.schema);
  }
}

// ---- Closures ----

BOOST_AUTO_TEST_CASE(closure_of_a_stored_closure_is_itself) {
  for (const test::TypeSample& sample : test::release_samples()) {
    const TypePtr compiled = must_create(sample.spec.name, sample.spec.schema);
    const TypePtr loaded = must_create(sample.spec.name, stored(*compiled));
    BOOST_TEST(std::ranges::equal(compiled->closure(), loaded->closure()), sample.spec.name);
    BOOST_TEST((loaded->compare_with(*compiled).evolution == Evolution::kSame), sample.spec.name);
  }
}

BOOST_AUTO_TEST_CASE(closure_does_not_depend_on_who_compiled_the_schema) {
  for (const char* file : {"ledger", "violation", "payment", "case", "rental"}) {
    const SchemaText text =
        SchemaText::of_file(std::string(CARNET_SOURCE_FOLDER "/include/carnet/schema/") + file + ".capnp");
    for (const test::TypeSample& sample : test::release_samples()) {
      const auto types = text.types();
      if (std::ranges::find(types, sample.spec.name) == types.end()) {
        continue;
      }
      const TypePtr compiled = must_create(sample.spec.name, sample.spec.schema);
      const TypePtr parsed = must_create(sample.spec.name, text.handle(sample.spec.name));
      BOOST_TEST(std::ranges::equal(compiled->closure(), parsed->closure()), sample.spec.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(closure_holds_what_the_type_reaches_and_no_more) {
  const TypePtr payment = must_create<schema::PaymentReceived>();
  LoadedClosure closure(payment->closure());
  for (const char* name :
       {"PaymentReceived", "PaymentReceived.Payer", "PaymentReceived.Purpose", "PaymentReceived.Deduction",
        "Allocation", "Money", "fact", "streams", "streamId", "optional", "id", "name", "codes", "currency"}) {
    BOOST_TEST(closure.has(name), name);
  }
  for (const char* name : {"derived", "Sealed", "personal", "LedgerCreated", "OptionalBool"}) {
    BOOST_TEST(!closure.has(name), name);
  }
  std::uint64_t last = 0;
  for (const auto node : closure.nodes()) {
    BOOST_TEST(node.getId() > last);
    last = node.getId();
    BOOST_TEST(node.getNestedNodes().size() == 0U);
    BOOST_TEST(as_text(node.getDisplayName()).find(':') == std::string_view::npos);
  }
}

BOOST_AUTO_TEST_CASE(closure_is_enough_for_the_library_to_print_a_payload) {
  const TypePtr type = must_create<schema::TrafficViolationCharged>();
  const Payload payload = make_payload<schema::TrafficViolationCharged>([](auto violation) {
    violation.setViolationId("V1");
    set_money(violation.initFine(), {3500, *Currency::parse("EUR")});
  });
  LoadedClosure closure(type->closure());
  const kj::ArrayPtr<const capnp::word> segment(reinterpret_cast<const capnp::word*>(payload.words.data()),
                                                payload.words.size());
  capnp::SegmentArrayMessageReader reader(kj::arrayPtr(&segment, 1));
  const auto dynamic = reader.getRoot<capnp::DynamicStruct>(closure.get(type->root()).asStruct());
  const kj::String text = kj::str(dynamic);
  BOOST_TEST(std::string_view(text.cStr()).find("fine = (minor = 3500,") != std::string_view::npos, text.cStr());
}

BOOST_AUTO_TEST_CASE(closure_of_the_log_itself_loads) {
  const std::vector<std::uint64_t> words = log_schema_closure();
  BOOST_REQUIRE(wire::validate(words));
  LoadedClosure closure(words);
  for (const char* name : {"CommitHeader", "Introduction", "Event", "Transfer", "SchemaClosure", "Node", "time"}) {
    BOOST_TEST(closure.has(name), name);
  }
  BOOST_TEST(closure.get(capnp::typeId<schema::Event>()).asStruct().getFields().size() == 12U);
  BOOST_TEST(words.size() * 8 < kEventBytesMax / 2);
  BOOST_TEST(words == log_schema_closure());
}

BOOST_AUTO_TEST_CASE(damaged_closures_are_refused) {
  const TypePtr type = must_create<schema::PaymentReceived>();
  SchemaHandle handle = stored(*type);
  handle.closure_words = {};
  BOOST_TEST(refusal_of("T", handle) == "the closure is no message");
  handle = stored(*type);
  handle.root = 1;
  BOOST_TEST(refusal_of("T", handle) == "a type that it uses is missing from its closure");
  // A node's id stands in its first word: Money's becomes another, while fields go on naming the old one.
  handle = stored(*type);
  const auto money = std::ranges::find(handle.closure_words, capnp::typeId<schema::Money>());
  BOOST_REQUIRE(money != handle.closure_words.end());
  *money = 1;
  BOOST_TEST(refusal_of("T", handle) == "a type that it uses is missing from its closure");
}

// ---- What a payload may not be ----

BOOST_AUTO_TEST_CASE(types_outside_the_subset_are_refused) {
  const std::pair<const char*, const char*> table[] = {
      {"NoNature", "it is annotated neither $fact nor $derived, or both"},
      {"TwoNatures", "it is annotated neither $fact nor $derived, or both"},
      {"WithUnion", "unions are not supported"},
      {"WithGroup", "unions and groups are not supported"},
      {"WithFloat", "its type is not supported (integers, Bool, Text, Data, enums, structs and lists)"},
      {"WithVoid", "its type is not supported (integers, Bool, Text, Data, enums, structs and lists)"},
      {"WithAnyPointer", "its type is not supported (integers, Bool, Text, Data, enums, structs and lists)"},
      {"WithInterface", "its type is not supported (integers, Bool, Text, Data, enums, structs and lists)"},
      {"WithNestedList", "lists of lists are not supported"},
      {"WithDefault", "defaults are not supported"},
      {"WithTextDefault", "defaults are not supported"},
      {"WithOptionalNumber", "an optional number needs a box (OptionalInt64, …)"},
      {"WithPlainPersonal", "$personal and the type Sealed go together"},
      {"WithBareSealed", "$personal and the type Sealed go together"},
      {"WithSealedList", "a list of sealed values has no names for them: put each into a struct"},
      {"WithNobodysField", "no field names the account whose key seals it"},
      {"WithBadEnum", "enumerant 0 must be `unspecified`"},
      {"WithTimeOfText", "$time needs Int64"},
      {"WithTwoFormats", "two annotations say what it holds"},
      {"WithStreamIdOfNothing", "$streamId names no Text field"},
      {"WithLoop", "a struct contains itself"},
      {"WithGeneric", "generic structs and groups are not supported"},
      {"WithBadBox", "a box has one field, a plain `value`"},
  };
  for (const auto& [name, reason] : table) {
    BOOST_TEST(refusal_of(name, kinds().handle(name)) == reason, name);
  }
  BOOST_TEST(refusal_of("Empty", kinds().handle("Empty")) == "accepted");
}

BOOST_AUTO_TEST_CASE(types_nested_too_deep_are_refused) {
  const auto nested = [](int levels) {
    std::string text = "struct Root $Core.fact { a @0 :L1; }\n";
    for (int i = 1; i < levels; ++i) {
      text += "struct L" + std::to_string(i) + " { a @0 :L" + std::to_string(i + 1) + "; }\n";
    }
    return text + "struct L" + std::to_string(levels) + " { a @0 :UInt8; }\n";
  };
  BOOST_TEST(refusal_of("Root", SchemaText::of(nested(24)).handle("Root")) == "accepted");
  BOOST_TEST(refusal_of("Root", SchemaText::of(nested(25)).handle("Root")) == "it is nested too deep");
}

BOOST_AUTO_TEST_CASE(names_of_types_are_pascal_case) {
  const SchemaHandle schema = event_type<schema::LossAccepted>().schema;
  BOOST_TEST(refusal_of("lossAccepted", schema) != "accepted");
  BOOST_TEST(refusal_of("Loss_Accepted", schema) != "accepted");
  BOOST_TEST(refusal_of("", schema) != "accepted");
  BOOST_TEST(refusal_of(std::string(65, 'A'), schema) != "accepted");
  BOOST_TEST(refusal_of(std::string(64, 'A'), schema) == "accepted");
}

// ---- Revisions ----

namespace {

constexpr const char* kOlder = R"(
struct Part { name @0 :Text; count @1 :UInt16; }
struct T $Core.fact $Core.streams(["a", "b"]) $Core.streamId("id") {
  enum Kind { unspecified @0; one @1; two @2; }
  id @0 :Text $Core.id;
  kind @1 :Kind;
  amount @2 :Core.Money;
  parts @3 :List(Part);
  note @4 :Text $Core.optional;
  size @5 :UInt32 $Core.unit("km");
}
)";

}  // namespace

BOOST_AUTO_TEST_CASE(evolution_keeps_what_stands) {
  const auto edited = [](std::string_view from, std::string_view to) {
    std::string text = kOlder;
    const std::size_t at = text.find(from);
    BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
    text.replace(at, from.size(), to);
    return text;
  };

  const struct {
    const char* from;
    const char* to;
    const char* reason;  // empty: compatible
  } table[] = {
      {"km\");", "km\");\n  more @6 :Core.OptionalInt64 $Core.optional;", ""},
      {"km\");", "km\");\n  more @6 :List(Text) $Core.optional;", ""},
      {"two @2;", "two @2; three @3;", ""},
      {"[\"a\", \"b\"]", "[\"b\", \"c\", \"a\"]", ""},
      {"$Core.streams([\"a\", \"b\"])", "", ""},
      {"count @1 :UInt16;", "count @1 :UInt16; unit @2 :Text $Core.optional;", ""},
      {"km\");", "km\");\n  more @6 :Int64;", "field more is new and not optional"},
      {"km\");", "km\");\n  more @6 :Text;", "field more is new and not optional"},
      {"count @1 :UInt16;", "count @1 :UInt16; unit @2 :Text;", "in parts: field unit is new and not optional"},
      {"note @4", "remark @4", "field remark stands where note stood"},
      {"size @5 :UInt32", "size @5 :UInt64", "field size changed its type"},
      {"note @4 :Text", "note @4 :Data", "field note changed its type"},
      {"amount @2 :Core.Money", "amount @2 :Part", "field amount changed its type"},
      {"parts @3 :List(Part)", "parts @3 :Part", "field parts changed its type"},
      {":Text $Core.id;", ":Text;", "field id changed its annotations"},
      {":Text $Core.optional", ":Text", "field note changed its annotations"},
      {"$Core.unit(\"km\")", "$Core.unit(\"mile\")", "field size changed its annotations"},
      {"$Core.unit(\"km\")", "", "field size changed its annotations"},
      {"one @1", "first @1", "field kind lost or renamed a value of its enum"},
      {" two @2;", "", "field kind lost or renamed a value of its enum"},
      {"\n  size @5 :UInt32 $Core.unit(\"km\");", "", "field size is gone"},
      {"$Core.fact", "$Core.derived", "$fact and $derived changed places"},
      {"[\"a\", \"b\"]", "[\"a\"]", "$streams leaves out a family"},
      {" $Core.streamId(\"id\")", "", "$streamId names another field"},
  };

  const TypePtr older = must_create("T", SchemaText::of(kOlder).handle("T"));
  BOOST_TEST((older->compare_with(*older).evolution == Evolution::kSame));
  for (const auto& [from, to, reason] : table) {
    const TypePtr newer = must_create("T", SchemaText::of(edited(from, to)).handle("T"));
    const EvolutionResult result = newer->compare_with(*older);
    const Evolution expected = *reason == '\0' ? Evolution::kCompatible : Evolution::kIncompatible;
    BOOST_TEST((result.evolution == expected), from << " -> " << to << ": " << result.reason);
    BOOST_TEST(result.reason == reason);
  }
}

BOOST_AUTO_TEST_CASE(evolution_under_another_name_is_none) {
  const SchemaHandle schema = event_type<schema::LossAccepted>().schema;
  const TypePtr one = must_create("One", schema);
  const TypePtr two = must_create("Two", schema);
  BOOST_TEST((one->compare_with(*two).evolution == Evolution::kSame));  // the same closure is the same schema
  const TypePtr other = must_create("Two", SchemaText::of(kOlder).handle("T"));
  BOOST_TEST((one->compare_with(*other).evolution == Evolution::kIncompatible));
}

// Three revisions of one type, none of which this binary was compiled with.
BOOST_AUTO_TEST_CASE(three_revisions_are_read_through_their_stored_schemas) {
  const char* const payloads[] = {
      R"({"vehicleId":"VEH1","kind":"engine","cost":{"minor":100,"currency":"EUR"}})",
      R"({"vehicleId":"VEH1","kind":"glass","cost":{"minor":200,"currency":"EUR"},"odometer":5000})",
      (R"({"vehicleId":"VEH1","kind":"glass","cost":{"minor":300,"currency":"EUR"},)"
       R"("parts":[{"name":"screen","cost":{"minor":250,"currency":"EUR"}}]})"),
  };
  std::vector<TypePtr> revisions;
  for (int i = 1; i <= 3; ++i) {
    const SchemaText text =
        SchemaText::of_file(CARNET_SOURCE_FOLDER "/tests/schemas/revision" + std::to_string(i) + ".capnp");
    // Through the log's form and back, as a reader finds it.
    const TypePtr parsed = must_create("RepairReported", text.handle("RepairReported"));
    revisions.push_back(must_create("RepairReported", stored(*parsed)));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    Sample sample(revisions[i], payloads[i]);
    BOOST_TEST(!sample.check().has_value());
    BOOST_TEST(sample.json() == payloads[i]);
    BOOST_TEST(revisions[i]->text_field(sample.view(), "vehicleId") == "VEH1");
  }
  BOOST_TEST((revisions[1]->compare_with(*revisions[0]).evolution == Evolution::kCompatible));
  BOOST_TEST((revisions[2]->compare_with(*revisions[1]).evolution == Evolution::kCompatible));
  BOOST_TEST((revisions[2]->compare_with(*revisions[0]).evolution == Evolution::kCompatible));
  BOOST_TEST((revisions[0]->compare_with(*revisions[1]).evolution == Evolution::kIncompatible));

  // A newer revision reads an older payload; an older one refuses what it cannot name.
  Sample old_payload(revisions[0], payloads[0]);
  Sample as_new(revisions[2], old_payload.payload());
  BOOST_TEST(!as_new.check().has_value());
  BOOST_TEST(as_new.json() == payloads[0]);
  Sample new_payload(revisions[1], payloads[1]);
  Sample as_old(revisions[0], new_payload.payload());
  const auto fault = as_old.check();
  BOOST_REQUIRE(fault.has_value());
  BOOST_TEST(fault->error == "UnknownField");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec
