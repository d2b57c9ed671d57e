// SPDX-License-Identifier: Apache-2.0
// The window on a case of the record: a visit from its command line to its last train, in the simulated room.
#include <gtest/gtest.h>

#include <thread>

#include "data/error.h"
#include "data/store.h"
#include "tests/cli/program.h"

namespace precentral {
namespace {

TEST(Clinic, AVisitOfACaseOnRecordIsHeldInTheWindow) {
    if (!std::filesystem::exists("/usr/share/mricron/templates/ch2.nii.gz")) {
        GTEST_SKIP() << "the demo patient's MRI (package mricron-data) is not installed";
    }
    if (std::getenv("DISPLAY") == nullptr) GTEST_SKIP() << "there is no display";
    Folder folder;
    const std::string store_file = folder / "clinic.db";
    Case patient;
    patient.code = "PRC-CLN1C000";
    patient.pain_side = Side::right;
    patient.pain_region = "hand";
    patient.simulated = true;
    patient.created = utc_now();
    open_store(store_file)->add_case(patient);
    const Program navigator({"--store", store_file, "--t1", "/usr/share/mricron/templates/ch2.nii.gz", "--tracker",
                             "sim:patient", "--simulated-room", "--autoplay", "--pace", "0", "--override",
                             "Dr Test: the site's usual protocol", "--out", folder / "out"},
                            PRECENTRAL_NAVIGATOR);
    bool closed = false;
    for (int i = 0; i < 1800 && !closed && !navigator.ended(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        try {
            const auto store = open_existing_store(store_file);
            for (const Session& session : store->sessions(patient.code)) {
                for (const SessionEvent& event : store->events(session.id)) closed = closed || event.kind == "closed";
            }
        } catch (const Error&) {
            // Being written right now.
        }
    }
    ASSERT_TRUE(closed) << "the visit did not come to its end";
    const auto store = open_existing_store(store_file);
    const auto sessions = store->sessions(patient.code);
    ASSERT_EQ(sessions.size(), 1U);
    EXPECT_EQ(sessions[0].target_side, Side::left);
    std::size_t treated = 0;
    for (const Pulse& pulse : store->pulses(sessions[0].id)) treated += pulse.purpose == PulsePurpose::treat ? 1U : 0U;
    EXPECT_EQ(treated, 1600U);
    EXPECT_EQ(store->images(patient.code).size(), 1U);
    EXPECT_EQ(store->hotspots(sessions[0].id).size(), 1U);
}

}  // namespace
}  // namespace precentral
