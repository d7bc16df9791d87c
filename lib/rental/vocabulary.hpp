// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary that rules read out of payloads, one line a field: member of EventFacts, getter of the generated
// reader, name in schema, JSON and DOMAIN.md. A field that several events have stands once. A field that only one guard
// asks for needs no line: the guard reads it with payload_as<T>().
#pragma once

// Text fields (ids, names, open-list codes).
#define CARNET_RENTAL_TEXTS(X)                               \
  X(absorbed, Absorbed, "absorbed")                          \
  X(account_id, AccountId, "accountId")                      \
  X(action_id, ActionId, "actionId")                         \
  X(approver, Approver, "approver")                          \
  X(authority, Authority, "authority")                       \
  X(capture_id, CaptureId, "captureId")                      \
  X(case_id, CaseId, "caseId")                               \
  X(charge_id, ChargeId, "chargeId")                         \
  X(chargeback_id, ChargebackId, "chargebackId")             \
  X(collector, Collector, "collector")                       \
  X(compensation_id, CompensationId, "compensationId")       \
  X(contract_id, ContractId, "contractId")                   \
  X(cost_id, CostId, "costId")                               \
  X(damage_id, DamageId, "damageId")                         \
  X(deposit_id, DepositId, "depositId")                      \
  X(disclosed_ref, DisclosedRef, "disclosedRef")             \
  X(family, Family, "family")                                \
  X(first_responsible, FirstResponsible, "firstResponsible") \
  X(from_inspection, FromInspectionId, "fromInspectionId")   \
  X(from_vehicle, FromVehicleId, "fromVehicleId")            \
  X(hold_id, HoldId, "holdId")                               \
  X(inspection_id, InspectionId, "inspectionId")             \
  X(jurisdiction, Jurisdiction, "jurisdiction")              \
  X(kind_code, Kind, "kind")                                 \
  X(lawful_basis_ref, LawfulBasisRef, "lawfulBasisRef")      \
  X(ledger_account, LedgerAccount, "ledgerAccount")          \
  X(method, Method, "method")                                \
  X(notice_version, NoticeVersion, "noticeVersion")          \
  X(order_id, OrderId, "orderId")                            \
  X(parameters, Parameters, "parameters")                    \
  X(partner_id, PartnerId, "partnerId")                      \
  X(party, Party, "party")                                   \
  X(payer_id, PayerId, "payerId")                            \
  X(payment_id, PaymentId, "paymentId")                      \
  X(price_list, PriceListVersion, "priceListVersion")        \
  X(psp, Psp, "psp")                                         \
  X(psp_ref, PspRef, "pspRef")                               \
  X(psp_settlement_id, PspSettlementId, "pspSettlementId")   \
  X(purpose_code, Purpose, "purpose")                        \
  X(reason, Reason, "reason")                                \
  X(reason_code, ReasonCode, "reasonCode")                   \
  X(reference_no, ReferenceNo, "referenceNo")                \
  X(refund_id, RefundId, "refundId")                         \
  X(replaces, Replaces, "replaces")                          \
  X(request_id, RequestId, "requestId")                      \
  X(reservation_id, ReservationId, "reservationId")          \
  X(source_code, Source, "source")                           \
  X(source_id, SourceId, "sourceId")                         \
  X(staff_id, StaffId, "staffId")                            \
  X(surviving, Surviving, "surviving")                       \
  X(to_inspection, ToInspectionId, "toInspectionId")         \
  X(to_vehicle, ToVehicleId, "toVehicleId")                  \
  X(vehicle_id, VehicleId, "vehicleId")                      \
  X(version_text, Version, "version")                        \
  X(violation_id, ViolationId, "violationId")                \
  X(voucher_id, VoucherId, "voucherId")                      \
  X(what, What, "what")

// Money fields; absent where the payload has none.
#define CARNET_RENTAL_MONEYS(X)      \
  X(amount, Amount, "amount")        \
  X(delta, Delta, "delta")           \
  X(expense, Expense, "expense")     \
  X(fine, Fine, "fine")              \
  X(net, Net, "net")                 \
  X(new_fine, NewFine, "newFine")    \
  X(new_total, NewTotal, "newTotal") \
  X(tax, Tax, "tax")                 \
  X(total, Total, "total")           \
  X(total_due, TotalDue, "totalDue") \
  X(value, Value, "value")

// Times, plain or in a box; zero where absent.
#define CARNET_RENTAL_TIMES(X)                      \
  X(at, At, "at")                                   \
  X(violation_at, ViolationAt, "violationAt")       \
  X(go_live_at, GoLiveAt, "goLiveAt")               \
  X(effective_from, EffectiveFrom, "effectiveFrom") \
  X(expires_at, ExpiresAt, "expiresAt")             \
  X(through, Through, "through")

// Closed enums beside the one that is the event's variant; zero where absent.
#define CARNET_RENTAL_ENUMS(X)         \
  X(payer, Payer, "payer")             \
  X(purpose, Purpose, "purpose")       \
  X(order_ref, OrderRef, "orderRef")   \
  X(source, Source, "source")          \
  X(borne_by, BorneBy, "borneBy")      \
  X(direction, Direction, "direction") \
  X(profile, Profile, "profile")       \
  X(side, Side, "side")

// Booleans.
#define CARNET_RENTAL_FLAGS(X)                            \
  X(is_final, Final, "final")                             \
  X(acknowledged, Acknowledged, "acknowledged")           \
  X(customer_present, CustomerPresent, "customerPresent") \
  X(clear, Clear, "clear")

// The closed enum that tells rows of one event apart (LifecycleRow::kinds): the first of these that an event has.
#define CARNET_RENTAL_VARIANTS(X) \
  X(Kind)                         \
  X(BorneBy)                      \
  X(Instrument)                   \
  X(Source)                       \
  X(Form)                         \
  X(Outcome)                      \
  X(Decision)                     \
  X(Answer)                       \
  X(Ground)                       \
  X(Result)                       \
  X(Position)                     \
  X(Side)                         \
  X(To)                           \
  X(Restored)                     \
  X(From)                         \
  X(Basis)                        \
  X(Cause)
