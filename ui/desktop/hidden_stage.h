// SPDX-License-Identifier: Apache-2.0
// The page that takes Treat's place while no valid coil pose is at hand. It draws no pose and no number but seconds.
#pragma once

#include "ui/desktop/stage.h"

namespace precentral {

class HiddenStage : public Stage {
public:
    using Stage::Stage;
    void present(const Shown& shown) override;

protected:
    void draw(Ink& ink) override;

private:
    struct Content {
        Missing missing = Missing::none;
        QString title, seconds, state, state_more, happened, did, todo;
        bool pulses_run = false;
        bool head_seen = false;
        bool coil_seen = false;
        bool camera_answers = true;
        bool operator==(const Content&) const = default;
    } content_;

    void draw_sight(Ink& ink, double right) const;
};

}  // namespace precentral
