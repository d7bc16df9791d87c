// SPDX-License-Identifier: Apache-2.0
//
// Guards by name: what an event must meet beside its state (DOMAIN §3, §4.4). Each is a row of a table in
// guards_{family}.cpp with the small function that tests it; table_events_{family}.cpp says which events meet which.
#pragma once

#include "rental/rules.hpp"

namespace carnet::rental::guard {

// guards_ledger.cpp
extern const GuardRow kFirstOfDomain;   ///< LedgerOpened stands before every other event of the domain.
extern const GuardRow kRuleSetKnown;    ///< Its family is one of this release, its parameters are of the family's form.
extern const GuardRow kRuleSetVersion;  ///< One more than the version before.
extern const GuardRow kRuleSetNotPast;  ///< From version 2 on: not effective before it is published.

extern const GuardRow kDocumentStream;   ///< The stream of a document is document/{kind}.
extern const GuardRow kControlStream;    ///< The stream of a control is operations/{control}.
extern const GuardRow kVersionNew;       ///< A version of a document is published once.
extern const GuardRow kDocumentNotPast;  ///< What supersedes another is not effective before it is published.

extern const GuardRow kOnlyHistory;       ///< Opening balances are of the time before go-live.
extern const GuardRow kOpeningAccount;    ///< A path of the chart that no other event opens.
extern const GuardRow kOpeningParty;      ///< I-M23: the event bears the party whose account it is.
extern const GuardRow kPeriodIncreasing;  ///< A period ends after the one before.
extern const GuardRow kPeriodOver;        ///< It has ended, and the position cited was there.

// guards_account.cpp
extern const GuardRow kConsentGiven;   ///< A lawful basis stands before personal data.
extern const GuardRow kProfileFields;  ///< fieldMask has what the profile must have, and no more than is there.
extern const GuardRow kConsentToOpen;  ///< Bases for the service with the accepted terms and for the account.
extern const GuardRow kLicenceVerified;
extern const GuardRow kPaymentMethodVerified;
extern const GuardRow kBasisInForce;    ///< For the account, while personal data is taken or changed.
extern const GuardRow kUpdateVerified;  ///< An update comes after its verification.
extern const GuardRow kReasonStated;
extern const GuardRow kExplained;
extern const GuardRow kIdentityVerified;  ///< Since reopening was requested.
extern const GuardRow kDetailsCurrent;    ///< Reverified since reopening was requested.
extern const GuardRow kAccountActive;     ///< I-A9: new orders only of an active account.

// guards_closure.cpp
extern const GuardRow kClosureReviewed;  ///< A clear review since closure began.
extern const GuardRow kClosable;         ///< I-A4: nothing of the account is open, and no money stands on it.

extern const GuardRow kMergeWhole;    ///< Both copies in one commit, the survivor's first.
extern const GuardRow kMergeable;     ///< Both accounts are active, nothing of the absorbed is under way.
extern const GuardRow kContacted;     ///< I-A10: the owner was sought.
extern const GuardRow kJurisdiction;  ///< It can stand in the name of a ledger account.

// guards_privacy.cpp
extern const GuardRow kNoticeKnown;     ///< noticeVersion was published, or presented to the account.
extern const GuardRow kAcceptedNotice;  ///< The same of privacyVersion.
extern const GuardRow kConsentOwn;      ///< Consent is evidence of ours: never on `report`.
extern const GuardRow kDisclosureOwn;   ///< The same of a notice that was presented, which has no digest either.
extern const GuardRow kConsentStands;   ///< Only consent is withdrawn.

// guards_money.cpp
extern const GuardRow kAmountPositive;       ///< amount above 0.
extern const GuardRow kOneCurrency;          ///< The currency of what the event is about.
extern const GuardRow kAllocationKnown;      ///< Allocations to charges are at most what is owed of them.
extern const GuardRow kAllocationWithin;     ///< The allocations sum to at most the amount.
extern const GuardRow kAllocationWhole;      ///< The allocations sum to the amount.
extern const GuardRow kCaptureWithinCharge;  ///< Allocations are at most what is owed and due.
extern const GuardRow kPspRefUnique;         ///< One event for (psp, pspRef).

// guards_violation.cpp
extern const GuardRow kFinePositive;     ///< fine, newFine or expense above 0.
extern const GuardRow kAmountWithinDue;  ///< amount is at most what is due.
extern const GuardRow kCancelsDownTo;    ///< newFine of a cancellation is not above what is claimed.
extern const GuardRow kWithinCustody;    ///< violationAt lies in the custody of the contract named.
extern const GuardRow kLawfulBasis;      ///< An account as party needs lawfulBasisRef.

// guards_custody.cpp
extern const GuardRow kVehicleFree;          ///< Custody intervals of the vehicle are disjoint.
extern const GuardRow kSameVehicle;          ///< The vehicle that returns is the one that went out.
extern const GuardRow kReturnAfterHandover;  ///< at is not before the handover.
extern const GuardRow kOdometer;             ///< The odometer of a vehicle never falls.

// guards_contract.cpp
extern const GuardRow kNotOnReport;            ///< Evidence of ours is never reported.
extern const GuardRow kDocumentDigest;         ///< On history it rests on a document.
extern const GuardRow kSignatureThere;         ///< An account signs; an external party has no key to seal it.
extern const GuardRow kTermsExplained;         ///< Mandatory topics are explained and acknowledged.
extern const GuardRow kFeesDisclosed;          ///< There is a fee schedule.
extern const GuardRow kFeesSumUp;              ///< Its lines sum to its total.
extern const GuardRow kDepositTermsDisclosed;  ///< The deposit's terms are there.
extern const GuardRow kAddOnChosen;            ///< By the customer, at the published price.
extern const GuardRow kHandoverSigned;         ///< The inspection of the handover is signed.
extern const GuardRow kHandoverChecklist;      ///< It is whole.
extern const GuardRow kDepositsThere;          ///< Deposits due at pickup are frozen or held.
extern const GuardRow kRequestsResolved;       ///< No special request of the order is open.
extern const GuardRow kSwapInspected;          ///< Both legs of a swap are signed in its commit.
extern const GuardRow kContractNamed;          ///< A settlement names the contract of its order.
extern const GuardRow kBalanceZero;            ///< Nothing is due of the order, and no credit left.

// guards_inspection.cpp
extern const GuardRow kChecklistWhole;
extern const GuardRow kChecklistVersion;  ///< One version within a leg.
extern const GuardRow kOdometerOfLeg;
extern const GuardRow kInspectionDigest;  ///< What is signed is the last inspection.
extern const GuardRow kHandoverMedia;
extern const GuardRow kReturnEvidence;  ///< Photo or video where the customer was absent.
extern const GuardRow kCustomerAbsent;
extern const GuardRow kDamageNew;  ///< Not in the handover's list of the leg.
extern const GuardRow kDamageEvidence;
extern const GuardRow kComparedTo;  ///< The handover that was signed.

// guards_reservation.cpp
extern const GuardRow kPriceListStream;       ///< Price lists stand in document/priceList.
extern const GuardRow kPriceListNotPast;      ///< From the second list on: not effective before it is published.
extern const GuardRow kPricePublished;        ///< priceListVersion is in force on the channel of the quote.
extern const GuardRow kConfirmationComplete;  ///< Number, place, time, model, estimate.
extern const GuardRow kFeeChargeKnown;        ///< chargeId is a charge of the order.
extern const GuardRow kFeeOfConfirmation;     ///< That charge is a fee that was disclosed.
extern const GuardRow kContractKnown;         ///< contractId is a contract of the order.

// guards_case.cpp
extern const GuardRow kReferenceUnique;   ///< One case for referenceNo.
extern const GuardRow kFirstResponsible;  ///< Somebody is responsible from receipt on.
extern const GuardRow kIntakeFields;      ///< What fieldMask names is there.
extern const GuardRow kNotForComplaints;  ///< A complaint is resolved first, and never without action.
extern const GuardRow kOnlyComplaints;
extern const GuardRow kOwner;         ///< Somebody owns the case.
extern const GuardRow kInvestigator;  ///< No investigator is one of those complained about.
extern const GuardRow kRound;         ///< round is the case's.
extern const GuardRow kNextRound;
extern const GuardRow kPlanWhole;              ///< Measures, time, method.
extern const GuardRow kApology;                ///< Company liable: an apology went before the plan.
extern const GuardRow kByOwner;                ///< The owner reports the result.
extern const GuardRow kSatisfactionConfirmed;  ///< The last opinion is of this round and satisfied.
extern const GuardRow kCloseApprover;          ///< Closed unsatisfied: approved by somebody.
extern const GuardRow kEscalationLevel;        ///< Above the level before.
extern const GuardRow kHandoverFrom;           ///< Who hands over is responsible.
extern const GuardRow kHandoverAccepted;       ///< What is accepted was handed over.
extern const GuardRow kNoDuplicateCycle;       ///< The primary case is there, and no duplicate itself.
extern const GuardRow kOwnVolume;              ///< Severity was major once: a volume of its own.
extern const GuardRow kRetentionOver;          ///< retainUntil has come.
extern const GuardRow kNoLegalHold;            ///< Nothing that is purged is held.

// guards_deposit.cpp
extern const GuardRow kCaptureWithinHold;  ///< On `decision`: amount is at most what is left of the hold.
extern const GuardRow kReleaseWithinHold;  ///< amount is at most what is left of the hold.
extern const GuardRow kReleaseNamesHold;
extern const GuardRow kReleaseNamesRefund;
extern const GuardRow kHoldUnexpired;  ///< It occurred before the authorization ran out.
extern const GuardRow kHoldLive;       ///< The hold has not ended.
extern const GuardRow kDeltaNotNegative;
extern const GuardRow kIncrementTotal;  ///< newTotal = frozen − released + delta.
extern const GuardRow kIncrementAfterCapture;
extern const GuardRow kMultiCapture;
extern const GuardRow kExpiresWhole;    ///< amount is all that is left.
extern const GuardRow kHoldReplaced;    ///< replaces names a hold of the deposit.
extern const GuardRow kWithinDeposit;   ///< amount is at most what is left of the cash deposit.
extern const GuardRow kDepositPurpose;  ///< A violation deposit pays fines and their admin fee.

// guards_disclosure.cpp
extern const GuardRow kTermsKnown;        ///< The deposit's contract is signed, its terms disclosed.
extern const GuardRow kPurposeDisclosed;  ///< … for this purpose and instrument.
extern const GuardRow kWithinDisclosed;   ///< Together with what is there it is at most what was disclosed.
extern const GuardRow kBeforeQueryEnd;    ///< The query period has not ended.
extern const GuardRow kQueryOver;         ///< Of a violation deposit: it has, unless approved.
extern const GuardRow kNoViolationOpen;   ///< No violation of the contract is open, unless approved.

// guards_settlement.cpp
extern const GuardRow kTaxWithinAmount;
extern const GuardRow kChargePayer;
extern const GuardRow kChargeDisclosed;     ///< disclosedRef is there.
extern const GuardRow kDamageAcknowledged;  ///< The damage charged is acknowledged, or decided.
extern const GuardRow kReversalWithinCharge;
extern const GuardRow kDiscountWithinCharge;
extern const GuardRow kCreditWithinDue;
extern const GuardRow kStatementMatches;  ///< Lines, discounts and total are those of the order.
extern const GuardRow kSilenceLong;       ///< Three days have passed since the statement.

// guards_payment.cpp
extern const GuardRow kRefundWithinSource;      ///< Refunds and chargebacks are at most the source.
extern const GuardRow kChargebackWithinSource;  ///< The same.
extern const GuardRow kRefundWithinApproved;
extern const GuardRow kPspNet;           ///< The lines sum to the net.
extern const GuardRow kRemedyCase;       ///< The case that it is granted in is there.
extern const GuardRow kRemedyExecuting;  ///< That case is at the point of being remedied.
extern const GuardRow kRemedyRound;      ///< round is that case's.
extern const GuardRow kRemedyLimit;      ///< Not above what the actor's role may grant.
extern const GuardRow kPaidWithinGrant;
extern const GuardRow kPaidWithinCost;
extern const GuardRow kVoucherForm;
extern const GuardRow kRemedyApprover;
extern const GuardRow kVoucherUnexpired;
extern const GuardRow kVoucherWithin;
extern const GuardRow kVoucherWithinCharge;
extern const GuardRow kVoucherWhole;

}  // namespace carnet::rental::guard
