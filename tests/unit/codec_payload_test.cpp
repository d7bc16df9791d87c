// SPDX-License-Identifier: Apache-2.0
//
// Goal: what a payload says is checked, printed and parsed by its schema alone. Method: a type with every kind of
// field; one table of good and bad values a concern; every type of this release through JSON and back.
#undef BOOST_TEST_MODULE  // main() is in codec_messages_test.cpp
#include "codec/json.hpp"
#include "codec/messages.hpp"
#include "codec/payload_type.hpp"
#include "codec/payload_view.hpp"
#include "codec/wire.hpp"
#include "support/payload_kinds.hpp"

#include <boost/test/unit_test.hpp>

namespace carnet::codec {
namespace {

using test::every_kind;
using test::kDigest;
using test::must_create;
using test::optional_json;
using test::required_json;
using test::Sample;
using test::TypePtr;
using test::with;

PayloadFault json_fault(const TypePtr& type, const std::string& json) {
  std::vector<PersonalField> personal;
  const auto made = type->from_json(json, personal);
  const auto* fault = std::get_if<PayloadFault>(&made);
  BOOST_REQUIRE_MESSAGE(fault != nullptr, "accepted: " << json);
  return *fault;
}

/// The payload of EveryKind with `from` changed to `to` in its JSON, as check() sees it.
std::optional<PayloadFault> checked_with(std::string_view from, std::string_view to, IdPattern exempt = nullptr) {
  return Sample(every_kind(), with(required_json(), from, to)).check(exempt);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(payload_json)

BOOST_AUTO_TEST_CASE(every_kind_of_field_round_trips) {
  for (const std::string& json : {required_json(), optional_json()}) {
    const Sample sample(every_kind(), json);
    BOOST_TEST(sample.json() == json);
    const auto fault = sample.check();
    BOOST_TEST(!fault.has_value(), (fault ? fault->error + " " + fault->path : ""));
  }
}

BOOST_AUTO_TEST_CASE(every_type_of_this_release_round_trips) {
  for (const test::TypeSample& sample : test::release_samples()) {
    const Sample payload(must_create(sample.spec.name, sample.spec.schema), sample.json);
    BOOST_TEST(payload.json() == sample.json);
    const auto fault = payload.check();
    BOOST_TEST(!fault.has_value(), sample.spec.name << (fault ? fault->error + " " + fault->path : ""));
  }
}

BOOST_AUTO_TEST_CASE(order_of_keys_does_not_show) {
  const TypePtr type = must_create<schema::FineRefundedByAuthority>();
  const Sample one(
      type,
      R"({"violationId":"V1","party":"account/A1","authority":"M","amount":{"minor":1,"currency":"EUR"},"receipt":""})");
  const Sample two(
      type,
      R"( {"receipt":"", "amount":{"currency":"EUR","minor":1},"authority":"M","party":"account/A1","violationId":"V1"})");
  BOOST_TEST(one.canonical() == two.canonical());
  BOOST_TEST(one.json() == two.json());
}

BOOST_AUTO_TEST_CASE(bad_json_is_refused_with_its_path) {
  const std::string good = required_json();

  const struct {
    const char* from;
    const char* to;
    const char* error;
    const char* path;
  } table[] = {
      {"\"rentalId\":\"R1\",", "", "MissingKey", "data.rentalId"},
      {"\"flag\":true,", "", "MissingKey", "data.flag"},
      {"\"rentalId\":\"R1\",", "\"rentalId\":\"R1\",\"rentalId\":\"R1\",", "DuplicateKey", "data.rentalId"},
      {"\"rentalId\"", "\"rentalID\"", "UnknownKey", "data.rentalID"},
      {"\"rentalId\"", "\"13912345678\"", "UnknownKey", "data"},
      {"\"rentalId\"", "\"\"", "UnknownKey", "data"},
      {"\"minor\":-5,", "\"minor\":-5,\"cents\":1,", "UnknownKey", "data.money.cents"},
      {"\"minor\":-5,", "\"minor\":-5,\"minor\":1,", "DuplicateKey", "data.money.minor"},
      {"\"minor\":-5,", "", "MissingKey", "data.money.minor"},
      {"\"minor\":-5,", "\"minor\":-5.0,", "BadValue", "data.money.minor"},
      {"\"minor\":-5,", "\"minor\":-5e0,", "BadValue", "data.money.minor"},
      {"\"minor\":-5,", "\"minor\":\"-5\",", "BadValue", "data.money.minor"},
      {"\"minor\":-5,", "\"minor\":null,", "BadValue", "data.money.minor"},
      {"\"minor\":-5,", "\"minor\":9223372036854775808,", "BadValue", "data.money.minor"},
      {"\"PTS\"", "\"pts\"", "CurrencyUnknown", "data.money.currency"},
      {"\"PTS\"", "\"XYZ\"", "CurrencyUnknown", "data.money.currency"},
      {"\"PTS\"", "7", "CurrencyUnknown", "data.money.currency"},
      {"\"int8\":-128", "\"int8\":-129", "BadValue", "data.int8"},
      {"\"int8\":-128", "\"int8\":128", "BadValue", "data.int8"},
      {"\"int16\":-32768", "\"int16\":32768", "BadValue", "data.int16"},
      {"\"int32\":-2147483648", "\"int32\":2147483648", "BadValue", "data.int32"},
      {"\"int64\":-9223372036854775808", "\"int64\":-9223372036854775809", "BadValue", "data.int64"},
      {"\"uint8\":255", "\"uint8\":256", "BadValue", "data.uint8"},
      {"\"uint8\":255", "\"uint8\":-1", "BadValue", "data.uint8"},
      {"\"uint16\":65535", "\"uint16\":65536", "BadValue", "data.uint16"},
      {"\"uint32\":4294967295", "\"uint32\":4294967296", "BadValue", "data.uint32"},
      {"\"uint64\":18446744073709551615", "\"uint64\":18446744073709551616", "BadValue", "data.uint64"},
      {"\"flag\":true", "\"flag\":1", "BadValue", "data.flag"},
      {"\"darkBlue\",\"text\"", "\"blue\",\"text\"", "EnumUnknown", "data.colour"},
      {"\"darkBlue\",\"text\"", "2,\"text\"", "EnumUnknown", "data.colour"},
      {"\"darkBlue\",\"text\"", "\"unspecified\",\"text\"", "EnumUnspecified", "data.colour"},
      {"\"data\":\"00ff\"", "\"data\":\"00f\"", "BadValue", "data.data"},
      {"\"data\":\"00ff\"", "\"data\":[0,255]", "BadValue", "data.data"},
      {"2024-02-29T12:00:00.000000001Z", "2023-02-29T12:00:00Z", "BadTime", "data.at"},
      {"\"2024-02-29T12:00:00.000000001Z\"", "0", "BadTime", "data.at"},
      {"\"P1DT2H\"", "\"P1M\"", "BadDuration", "data.lasts"},
      {"\"P1DT2H\"", "93600", "BadDuration", "data.lasts"},
      {"\"day\":\"2024-02-29\"", "\"day\":\"2024-02-30\"", "BadDate", "data.day"},
      {"\"day\":\"2024-02-29\"", "\"day\":1", "BadDate", "data.day"},
      {"\"party\":\"external/X1\"", "\"party\":5", "BadValue", "data.party"},
      {"[true,false,true]", "true", "BadValue", "data.flags"},
      {"[true,false,true]", "[true,false,0]", "BadValue", "data.flags[2]"},
      {"[\"\",\"a\"]", "[\"\",1]", "BadValue", "data.texts[1]"},
      {"[\"red\",\"darkBlue\"]", "[\"red\",\"unspecified\"]", "EnumUnspecified", "data.colours[1]"},
      {"\"VEH2\"", "7", "BadValue", "data.parts[1].vehicleId"},
      {"\"flag\":false,\"reasons\"", "\"reasons\"", "MissingKey", "data.parts[0].flag"},
      {"\"minor\":9223372036854775807", "\"minor\":true", "BadValue", "data.parts[0].price.minor"},
      {"{\"minor\":-5,\"currency\":\"PTS\"}", "[]", "BadValue", "data.money"},
      {"\"9999-12-31\"", "\"10000-01-01\"", "BadDate", "data.days[1]"},
  };

  for (const auto& [from, to, error, path] : table) {
    const PayloadFault fault = json_fault(every_kind(), with(good, from, to));
    BOOST_TEST(fault.error == error, to);
    BOOST_TEST(fault.path == path, to);
    BOOST_TEST(!fault.message.empty());
  }
  const PayloadFault boxed = json_fault(every_kind(), with(optional_json(), "\"maybeUInt8\":0", "\"maybeUInt8\":256"));
  BOOST_TEST(boxed.path == "data.maybeUInt8");
  const PayloadFault null = json_fault(every_kind(), with(optional_json(), "\"maybeUInt8\":0", "\"maybeUInt8\":null"));
  BOOST_TEST(null.error == "BadValue");
}

BOOST_AUTO_TEST_CASE(texts_that_are_no_json_object_are_refused) {
  for (const char* text : {"", "{", "{}x", "{\"a\":}", "\"\\ud800\"", "nul", "{\"a\":1}{\"a\":1}", "[1,]", "01"}) {
    BOOST_TEST(json_fault(every_kind(), text).error == "BadJson", text);
  }
  BOOST_TEST(json_fault(every_kind(), "[]").error == "BadValue");
  BOOST_TEST(json_fault(every_kind(), "[]").path == "data");
  BOOST_TEST(json_fault(every_kind(), std::string("{}\0", 3)).error == "BadJson");
  BOOST_TEST(json_fault(every_kind(), "{\"rentalId\":\"\xff\"}").error == "BadJson");
  BOOST_TEST(json_fault(every_kind(), std::string(100000, '[')).error == "BadJson");
}

BOOST_AUTO_TEST_CASE(faults_never_show_values) {
  const std::string secret = "13912345678";
  for (const char* from :
       {"\"R1\"", "\"2024-02-29\"", "\"PTS\"", "\"darkBlue\",\"text\"", "\"00ff\"", "\"P1DT2H\"", "255"}) {
    const std::string tail = std::string(from).find("text") != std::string::npos ? ",\"text\"" : "";
    const std::string json = with(required_json(), from, "\"" + secret + "\"" + tail);
    std::vector<PersonalField> personal;
    const auto made = every_kind()->from_json(json, personal);
    const auto* fault = std::get_if<PayloadFault>(&made);
    std::optional<PayloadFault> checked;
    if (fault == nullptr) {
      checked = Sample(every_kind(), json).check();
      BOOST_REQUIRE_MESSAGE(checked.has_value(), from);
      fault = &*checked;
    }
    BOOST_TEST((fault->error + fault->path + fault->message).find(secret) == std::string::npos, from);
  }
}

BOOST_AUTO_TEST_CASE(a_view_of_nothing_prints_null) {
  std::string out = "data:";
  every_kind()->append_json({}, {}, out);
  BOOST_TEST(out == "data:null");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(payload_check)

BOOST_AUTO_TEST_CASE(bad_values_are_refused_with_their_path) {
  const struct {
    const char* from;
    const char* to;
    const char* error;
    const char* path;
  } table[] = {
      {"\"rentalId\":\"R1\"", "\"rentalId\":\"\"", "BadId", "data.rentalId"},
      {"\"rentalId\":\"R1\"", "\"rentalId\":\"a b\"", "BadId", "data.rentalId"},
      {"\"rentalId\":\"R1\"", "\"rentalId\":\"a/b\"", "BadId", "data.rentalId"},
      {"\"rentalId\":\"R1\"", "\"rentalId\":\"13912345678\"", "IdLooksPersonal", "data.rentalId"},
      {"\"rentalId\":\"R1\"", "\"rentalId\":\"11010519491231002X\"", "IdLooksPersonal", "data.rentalId"},
      {"\"VEH2\"", "\"Ä\"", "BadId", "data.parts[1].vehicleId"},
      {"[\"A1\",\"A2\"]", "[\"A1\",\"?\"]", "BadId", "data.accounts[1]"},
      {"external/X1", "external", "BadName", "data.party"},
      {"external/X1", "External/X1", "BadName", "data.party"},
      {"external/X1", "external/", "BadName", "data.party"},
      {"external/X1", "external/a\\u0007", "BadName", "data.party"},
      {"external/X1", "account/13912345678", "IdLooksPersonal", "data.party"},
      {"\"hotline\"", "\"\"", "BadCode", "data.channel"},
      {"\"hotline\"", "\"a\\nb\"", "BadCode", "data.channel"},
      {"[\"x\",\"y\"]", "[\"x\",\"\"]", "BadCode", "data.parts[0].reasons[1]"},
      {"{\\\"a\\\":[1,null]}", "{ }", "BadJson", "data.rules"},
      {"{\\\"a\\\":[1,null]}", "{\\\"b\\\":1,\\\"a\\\":1}", "BadJson", "data.rules"},
      {"{\\\"a\\\":[1,null]}", "1.5", "BadJson", "data.rules"},
  };

  for (const auto& [from, to, error, path] : table) {
    const auto fault = checked_with(from, to);
    BOOST_REQUIRE_MESSAGE(fault.has_value(), "accepted: " << to);
    BOOST_TEST(fault->error == error, to);
    BOOST_TEST(fault->path == path, to);
  }
  const auto short_digest = checked_with(kDigest, "aa");
  BOOST_REQUIRE(short_digest.has_value());
  BOOST_TEST(short_digest->error == "BadDigest");
}

BOOST_AUTO_TEST_CASE(a_registered_pattern_exempts_ids_that_look_personal) {
  const IdPattern all = [](std::string_view) { return true; };
  const IdPattern none = [](std::string_view) { return false; };
  BOOST_TEST(!checked_with("\"rentalId\":\"R1\"", "\"rentalId\":\"13912345678\"", all).has_value());
  BOOST_TEST(!checked_with("external/X1", "account/13912345678", all).has_value());
  BOOST_TEST(checked_with("\"rentalId\":\"R1\"", "\"rentalId\":\"13912345678\"", none).has_value());
  BOOST_TEST(checked_with("\"rentalId\":\"R1\"", "\"rentalId\":\"a b\"", all).has_value());
}

BOOST_AUTO_TEST_CASE(payloads_built_by_code_are_held_to_the_same) {
  const TypePtr type = must_create<schema::PaymentReceived>();
  const auto good = [](schema::PaymentReceived::Builder payment) {
    payment.setPaymentId("P1");
    payment.setPayer(schema::PaymentReceived::Payer::CUSTOMER);
    payment.setPurpose(schema::PaymentReceived::Purpose::SETTLEMENT);
    payment.setMethod("card");
    set_money(payment.initAmount(), {1, *Currency::parse("EUR")});
    payment.initDeductions(0);
    payment.initAllocatedTo(0);
  };
  using Edit = void (*)(schema::PaymentReceived::Builder);

  const struct {
    Edit edit;
    const char* error;
    const char* path;
  } table[] = {
      {[](auto) {}, nullptr, nullptr},
      {[](auto p) { p.disownPaymentId(); }, "FieldMissing", "data.paymentId"},
      {[](auto p) { p.disownAmount(); }, "FieldMissing", "data.amount"},
      {[](auto p) { p.disownDeductions(); }, "FieldMissing", "data.deductions"},
      {[](auto p) { p.setPayer(schema::PaymentReceived::Payer::UNSPECIFIED); }, "EnumUnspecified", "data.payer"},
      {[](auto p) { p.setPayer(static_cast<schema::PaymentReceived::Payer>(6)); }, "EnumUnknown", "data.payer"},
      {[](auto p) { p.getAmount().setCurrency(0); }, "CurrencyUnknown", "data.amount.currency"},
      {[](auto p) { p.getAmount().setCurrency(0x5a5a5a); }, "CurrencyUnknown", "data.amount.currency"},
      {[](auto p) { p.initDeductions(1)[0].setKind("fee"); }, "FieldMissing", "data.deductions[0].amount"},
      {[](auto p) { p.setPspRef("\xc3\x28"); }, "BadText", "data.pspRef"},
  };

  for (const auto& row : table) {
    const Payload payload = make_payload<schema::PaymentReceived>([&](auto payment) {
      good(payment);
      row.edit(payment);
    });
    const auto fault = type->check(PayloadHolder(payload).view(), nullptr);
    BOOST_REQUIRE_MESSAGE(fault.has_value() == (row.error != nullptr), (row.path == nullptr ? "refused" : row.path));
    if (fault) {
      BOOST_TEST(fault->error == row.error);
      BOOST_TEST(fault->path == row.path);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_the_type_does_not_name_is_refused) {
  // TrafficViolationRecorded has other pointers and more data than FineRefundedByAuthority knows.
  const TypePtr type = must_create<schema::LossAccepted>();
  const auto refused = [&](wire::Words words) {
    const auto fault = type->check(make_view(words.data()), nullptr);
    return fault ? fault->error : std::string("accepted");
  };
  wire::Words words{wire::struct_pointer(0, 1, 4, 1), 1, 2, 3, 4, 0};
  wire::Writer(words).set_text(5, "S-1");
  BOOST_TEST(refused(words) == "accepted");
  wire::Words longer{wire::struct_pointer(0, 1, 5, 1), 1, 2, 3, 4, 0, 0};
  wire::Writer(longer).set_text(6, "S-1");
  BOOST_TEST(refused(longer) == "accepted");  // more words, all zero: nothing is hidden
  longer[5] = 1;
  BOOST_TEST(refused(longer) == "UnknownField");
  wire::Words more{wire::struct_pointer(0, 1, 4, 2), 1, 2, 3, 4, 0, 0};
  wire::Writer(more).set_text(5, "S-1");
  BOOST_TEST(refused(more) == "accepted");
  wire::Writer(more).set_text(6, "hidden");
  BOOST_TEST(refused(more) == "UnknownField");
}

BOOST_AUTO_TEST_CASE(bits_between_fields_are_refused) {
  const TypePtr type = must_create<schema::LedgerCreated>();
  Payload payload = make_payload<schema::LedgerCreated>([](auto created) {
    created.setFormatVersion(1);
    created.initLedgerId(16);
    created.setOrigin("");
    created.setHashSuite("sha-256");
    created.initSchemas(0);
  });
  BOOST_TEST(!type->check(PayloadHolder(payload).view(), nullptr).has_value());
  payload.words[1] |= std::uint64_t{1} << 40U;
  const auto fault = type->check(PayloadHolder(payload).view(), nullptr);
  BOOST_REQUIRE(fault.has_value());
  BOOST_TEST(fault->error == "UnknownField");
  BOOST_TEST(fault->path == "data");
}

BOOST_AUTO_TEST_CASE(pointers_of_another_kind_are_refused) {
  const TypePtr type = must_create<schema::LossAccepted>();
  wire::Words words{wire::struct_pointer(0, 1, 4, 1), 1, 2, 3, 4, wire::struct_pointer(5, 6, 1, 0), 0};
  BOOST_TEST(type->check(make_view(words.data()), nullptr)->error == "BadPayload");
  const wire::Words text{wire::list_pointer(0, 1, wire::ElementSize::kByte, 1), 0};
  BOOST_TEST(type->check(make_view(text.data()), nullptr)->error == "BadPayload");
  BOOST_TEST(type->check({}, nullptr)->error == "BadPayload");
  const TypePtr payment = must_create<schema::PersonalDataErased>();
  Payload lists = make_payload<schema::PersonalDataErased>([](auto erased) {
    erased.setAccountId("A1");
    erased.initClasses(1).set(0, "D1");
    erased.initKeysDestroyed(2).set(0, as_data({}));
  });
  const auto null_element = payment->check(PayloadHolder(lists).view(), nullptr);
  BOOST_REQUIRE(null_element.has_value());
  BOOST_TEST(null_element->error == "FieldMissing");
  BOOST_TEST(null_element->path == "data.keysDestroyed[1]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace carnet::codec
