// SPDX-License-Identifier: Apache-2.0
// The trains of the session, every pulse's deviation above them, and the two clocks.
#pragma once

#include <memory>

#include "ui/desktop/panel.h"

namespace precentral {

class TrainStrip : public Panel {
public:
    using Panel::Panel;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        QString frequency, intensity, of_rmt;
        int trains = 0;
        int pulses_per_train = 0;
        int train = 0;
        int pulse = 0;
        bool running = false;
        bool lost = false;
        QString next_label, next;
        Grade next_grade = Grade::on;
        QString remaining;
        std::size_t delivered = 0;
        const void* pulses = nullptr;
        bool operator==(const Content&) const = default;
    } content_;
    std::shared_ptr<const std::vector<DeliveredPulse>> pulses_;

    void draw_train(Ink& ink, int train, double x, double cell) const;
    void draw_deviations(Ink& ink, double left, double pitch, double cell) const;
};

}  // namespace precentral
