// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "ui/report/review.h"

namespace precentral {

ReviewInput gather_review(const Store& store, const std::string& case_code) {
    ReviewInput review;
    review.patient = store.case_of(case_code);
    for (const Session& session : store.sessions(case_code)) {
        review.visits.push_back({session, store.registrations(session.id), store.targets(session.id),
                                 store.hotspots(session.id), store.thresholds(session.id), store.pulses(session.id),
                                 store.outcomes(session.id), store.events(session.id),
                                 store.landmark_touches(session.id)});
    }
    std::stable_sort(review.visits.begin(), review.visits.end(), [](const VisitReview& a, const VisitReview& b) {
        return a.session.visit != b.session.visit ? a.session.visit < b.session.visit
                                                  : a.session.started < b.session.started;
    });
    return review;
}

}  // namespace precentral
