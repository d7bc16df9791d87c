// SPDX-License-Identifier: Apache-2.0
//
// For tests of payload types: types by name, payloads from JSON, and one sample of every event type of this release.
#pragma once

#include "codec/payload_type.hpp"

#include <carnet/schema/case.capnp.h>
#include <carnet/schema/core.capnp.h>
#include <carnet/schema/ledger.capnp.h>
#include <carnet/schema/payment.capnp.h>
#include <carnet/schema/rental.capnp.h>
#include <carnet/schema/violation.capnp.h>
#include <carnet/typed.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace carnet::test {

using TypePtr = std::shared_ptr<const codec::PayloadType>;

inline TypePtr must_create(const std::string& name, const SchemaHandle& schema) {
  auto type = codec::PayloadType::create(name, schema);
  BOOST_REQUIRE_MESSAGE(type.has_value(), name << ": " << (type ? "" : type.error().to_line()));
  return *type;
}

template <class T>
TypePtr must_create() {
  const EventTypeSpec spec = event_type<T>();
  return must_create(spec.name, spec.schema);
}

/// A payload with what it needs to be looked at.
class Sample {
 public:
  Sample(TypePtr type, std::string_view json) : type_(std::move(type)) {
    auto made = type_->from_json(json, personal_);
    const auto* fault = std::get_if<codec::PayloadFault>(&made);
    BOOST_REQUIRE_MESSAGE(
        fault == nullptr,
        type_->name() << ": " << (fault ? fault->error + " " + fault->path + " " + fault->message : ""));
    payload_ = std::get<Payload>(std::move(made));
  }

  Sample(TypePtr type, Payload payload) : type_(std::move(type)), payload_(std::move(payload)) {}

  [[nodiscard]] const codec::PayloadType& type() const { return *type_; }

  [[nodiscard]] Payload& payload() { return payload_; }

  [[nodiscard]] const std::vector<PersonalField>& personal() const { return personal_; }

  [[nodiscard]] PayloadView view() const {
    return PayloadView{
        .opaque = {payload_.words.empty() ? 0 : reinterpret_cast<std::uintptr_t>(payload_.words.data())}};
  }

  [[nodiscard]] std::string json() const {
    std::string out;
    type_->append_json(view(), personal_, out);
    return out;
  }

  [[nodiscard]] std::optional<codec::PayloadFault> check(codec::IdPattern exempt = nullptr) const {
    return type_->check(view(), exempt, personal_);
  }

  [[nodiscard]] std::string canonical() const {
    std::string out;
    const Status status = type_->append_canonical(view(), {}, out);
    BOOST_REQUIRE(status.has_value());
    return out;
  }

 private:
  TypePtr type_;
  Payload payload_;
  std::vector<PersonalField> personal_;
};

struct TypeSample {
  EventTypeSpec spec;
  std::string json;
};

/// Every event type of this release with one payload in the form in which it is printed.
inline std::vector<TypeSample> release_samples() {
  using namespace carnet::schema;
  const std::string digest(64, 'a');
  const std::string violation =
      R"("violationId":"V1","party":"account/A1","authority":"MUC","contractId":"R1","vehicleId":"VEH1",)";
  const std::string fine = R"({"minor":3500,"currency":"EUR"})";
  return {
      {event_type<LedgerCreated>(),
       R"({"formatVersion":1,"ledgerId":"000102030405060708090a0b0c0d0e0f","origin":"branch","hashSuite":"sha-256",)"
       R"("createdAt":"2024-01-01T00:00:00Z","schemas":""})"},
      {event_type<LossAccepted>(),
       R"({"floorPosition":18446744073709551615,"floorCommits":2,"headPosition":3,"headCommits":4,"approver":"S-1"})"},
      {event_type<SubjectKeyCreated>(),
       R"({"accountId":"A1","class":"D1","keyId":"000102030405060708090a0b0c0d0e0f","algorithm":"aes-256-gcm"})"},
      {event_type<SubjectKeyRotated>(), R"({"accountId":"A1","class":"D1","keyId":"00","algorithm":"aes-256-gcm"})"},
      {event_type<PersonalDataErased>(),
       R"({"accountId":"A1","classes":["D1","D2"],"keysDestroyed":["00","ff"],"backupsExpireBy":"2024-06-01T00:00:00Z"})"},
      {event_type<PersonalDataOpened>(),
       R"({"staffId":"S-1","accounts":["A1","A2"],"classes":["D1"],"fieldMask":["name"],"purpose":"dispute",)"
       R"("businessNeed":"case","ticket":"T-1","caseId":"C1","outcome":"denied","count":0,"digest":")" +
           digest + R"("})"},
      {event_type<AccessGranted>(),
       R"({"staffId":"S-1","grantId":"G1","role":"clerk","classes":[],"purposes":["dispute"],)"
       R"("expiresAt":"2024-06-01T12:30:00.5Z","supersedes":"G0"})"},
      {event_type<AccessRevoked>(), R"({"staffId":"S-1","grantId":"G1","reasonCode":"left"})"},
      {event_type<LedgerOpened>(),
       R"({"goLiveAt":"2024-01-01T00:00:00Z","businessTz":"Europe/Berlin","businessLines":["rental"],"baseCurrency":"EUR",)"
       R"("jurisdiction":"DE"})"},
      {event_type<RuleSetPublished>(),
       R"({"family":"codes","version":1,"effectiveFrom":"1970-01-01T00:00:00Z","parameters":"{\"a\":[1,2]}","digest":")" +
           digest + R"("})"},
      {event_type<NoticeSent>(),
       R"({"kinds":["reminder"],"about":"violation/V1","party":"external/X1","channel":"email","audience":"public",)"
       R"("purpose":"dun","accountId":"A1","digest":")" +
           digest + R"(","text":"Dear Zoë"})"},
      {event_type<FeedbackReceived>(),
       R"({"caseId":"C1","accountId":"A1","referenceNo":"","channel":"hotline","intakeOrigin":"direct",)"
       R"("customerVoicedAt":"2024-02-29T23:59:59.999999999Z","fieldMask":["name"],"name":"Ada","contact":"a@example.org",)"
       R"("content":"\"too late\"\n","orderRef":"notApplicable","firstResponsible":"S-2"})"},
      {event_type<CaseReferred>(), R"({"caseId":"C1","orderId":"O1","authority":"court","ref":"4 C 12/24"})"},
      {event_type<PaymentReceived>(),
       R"({"paymentId":"P1","accountId":"A1","payer":"insurer","payerId":"I1","purpose":"collection","method":"transfer",)"
       R"("amount":)" +
           fine + R"(,"deductions":[{"kind":"fee","amount":{"minor":-1,"currency":"JPY"}}],"psp":"adyen",)" +
           R"("allocatedTo":[{"violationId":"V1","amount":)" + fine + R"(},{"chargeId":"CH1","amount":)" + fine +
           R"(}]})"},
      {event_type<VehicleHandedOver>(),
       R"({"contractId":"R1","orderId":"O1","party":"external/X1","vehicleId":"VEH1","at":"2024-01-01T08:00:00Z",)"
       R"("odometer":0,"fuel":1000,"driverAccountId":"A2","plannedReturn":"2024-01-02T08:00:00Z","attended":true})"},
      {event_type<VehicleReturned>(),
       R"({"contractId":"R1","vehicleId":"VEH1","branchId":"B1","at":"2024-01-01T08:00:00Z","odometer":4294967295,)"
       R"("attended":false,"durationGiven":"P1DT2H3M4S"})"},
      {event_type<TrafficViolationRecorded>(),
       "{" + violation + R"("violationAt":"1969-12-31T23:59:59Z","fine":)" + fine +
           R"(,"authorityRef":"AZ 1","code":"49","points":2,"place":"Main St","lawfulBasisRef":"L1"})"},
      {event_type<TrafficViolationCharged>(),
       "{" + violation + R"("fine":)" + fine + R"(,"expense":)" + fine + R"(,"chargeId":"CH1"})"},
      {event_type<TrafficViolationAmended>(), "{" + violation + R"("kind":"settledByCustomer","newFine":)" + fine +
                                                  R"(,"codeAsGiven":"x","caseId":"C1","evidence":")" + digest +
                                                  R"("})"},
      {event_type<FinePaidToAuthority>(),
       "{" + violation + R"("amount":)" + fine + R"(,"receipt":"q","borneBy":"company"})"},
      {event_type<FineRefundedByAuthority>(), "{" + violation + R"("amount":)" + fine + R"(,"receipt":""})"},
      {event_type<ReceivableAssigned>(),
       R"({"orderId":"O1","party":"account/A1","collector":"EOS","amount":)" + fine + "}"},
  };
}

}  // namespace carnet::test
