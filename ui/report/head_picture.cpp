// SPDX-License-Identifier: Apache-2.0
#include "ui/report/head_picture.h"

#include <QPainterPath>
#include <array>
#include <cmath>
#include <numbers>

#include "data/error.h"
#include "ui/report/canvas.h"
#include "ui/report/cortex_picture.h"
#include "ui/report/report_session.h"

namespace precentral {
namespace {

using Eigen::Vector3d;

constexpr int kPanelWidth = 440;
constexpr int kPanelHeight = 440;
constexpr int kGap = 15;
constexpr int kTop = 70;
constexpr double kCoilMargin = 1.3;  // leaves room for the coils over the head
constexpr double kBrainMargin = 1.08;

// The head's own axes: those of template space as they lie in the scan.
struct HeadAxes {
    Direction<Scan> right, front, up;
};
HeadAxes axes_of(const Normalisation& by) {
    const Eigen::Matrix3d scan_from_mni = by.affine.affine().linear().inverse();
    const Vector3d front = scan_from_mni.col(1).normalized();
    const Vector3d up = (scan_from_mni.col(2) - front.dot(scan_from_mni.col(2)) * front).normalized();
    return {{front.cross(up)}, {front}, {up}};
}

struct Panel {
    QString title;
    CortexView view;
};

// From the left, the front, above and the right.
std::array<Panel, 4> panels_of(const Surface& surface, const HeadAxes& axes, double margin) {
    Vector3d low = Vector3d::Constant(1e30);
    Vector3d high = -low;
    for (const auto& vertex : surface.vertices) {
        low = low.cwiseMin(vertex.xyz);
        high = high.cwiseMax(vertex.xyz);
    }
    CortexView base;
    base.centre = {0.5 * (low + high)};
    base.aspect = static_cast<double>(kPanelWidth) / kPanelHeight;
    base.width_mm = margin * std::max({high.y() - low.y(), (high.z() - low.z()) * base.aspect, high.x() - low.x()});
    std::array<Panel, 4> out{Panel{QStringLiteral("Left side"), base}, Panel{QStringLiteral("From the front"), base},
                             Panel{QStringLiteral("From above"), base}, Panel{QStringLiteral("Right side"), base}};
    const auto place = [](CortexView& view, const Direction<Scan>& right, const Direction<Scan>& up,
                          const Direction<Scan>& outward) {
        view.right = right;
        view.up = up;
        view.outward = outward;
    };
    place(out[0].view, -axes.front, axes.up, -axes.right);
    place(out[1].view, -axes.right, axes.up, axes.front);
    place(out[2].view, axes.right, axes.front, axes.up);
    place(out[3].view, axes.front, axes.up, axes.right);
    // From above, front to back must fit the height.
    out[2].view.width_mm = std::max(base.width_mm, margin * (high.y() - low.y()) * base.aspect);
    return out;
}

// Whether the place is on the side of the head that the view sees.
bool faces(const CortexView& view, const Direction<Scan>& normal) { return normal.xyz.dot(view.outward.xyz) > 0.25; }

class Drawing {
public:
    Drawing(QPainter& painter, const Panel& panel, QRectF area) : canvas_(painter), panel_(panel), area_(area) {}

    QPointF at(const Point<Scan>& p) const {
        const Eigen::Vector2d share = panel_.view.project(p);
        return {area_.left() + share.x() * area_.width(), area_.top() + share.y() * area_.height()};
    }
    void mark(const Point<Scan>& p, double radius, const QColor& fill, const QString& name, double size,
              Anchor anchor = Anchor::start) {
        const QPointF where = at(p);
        canvas_.disc(where, radius, fill, ink::kPaper, 1.5);
        if (!name.isEmpty()) {
            const double beside = anchor == Anchor::start ? radius + 4.0 : -radius - 4.0;
            canvas_.text(where.x() + beside, where.y() + 0.35 * size, name, {size, ink::kText, true, anchor, true});
        }
    }
    // A bar along the handle, from the coil's centre backwards.
    void coil(const Transform<Scan, Coil>& pose, const QColor& colour) {
        const QPointF centre = at(pose * Point<Coil>{Vector3d::Zero()});
        const QPointF handle = at(pose * Point<Coil>{Vector3d(0.0, -60.0, 0.0)});
        canvas_.line(centre.x(), centre.y(), handle.x(), handle.y(), colour, 6.0);
        for (const double side : {-1.0, 1.0}) {
            QPainterPath wing;
            for (int step = 0; step <= 48; ++step) {
                const double angle = step * std::numbers::pi / 24.0;
                const QPointF p =
                    at(pose * Point<Coil>{Vector3d(side * 35.0 + 35.0 * std::cos(angle), 35.0 * std::sin(angle), 0.0)});
                if (step == 0) {
                    wing.moveTo(p);
                } else {
                    wing.lineTo(p);
                }
            }
            canvas_.path(wing, Qt::transparent, colour, 3.0);
        }
        canvas_.disc(centre, 5.0, colour, ink::kPaper, 1.5);
    }

private:
    Canvas canvas_;
    const Panel& panel_;
    QRectF area_;
};

QColor colour_of_side(Side side) { return side == Side::left ? ink::kLeft : ink::kRight; }

}  // namespace

void write_head_picture(const HeadModel& head, const std::vector<CoilProposal>& motor,
                        const std::vector<ScalpSite>& sites, const std::filesystem::path& png) {
    const ReportSession session;
    const HeadAxes axes = axes_of(head.template_space);
    QImage sheet(4 * kPanelWidth + 5 * kGap, kTop + 2 * kPanelHeight + 3 * kGap, QImage::Format_RGB32);
    sheet.fill(ink::kPaper);
    QPainter painter(&sheet);
    painter.setRenderHint(QPainter::Antialiasing);
    const SurfaceIndex scalp(head.scalp);
    for (int row = 0; row < 2; ++row) {
        HeadModel shown;
        shown.brain = row == 0 ? head.scalp : head.brain;
        const auto panels = panels_of(shown.brain, axes, row == 0 ? kCoilMargin : kBrainMargin);
        for (int column = 0; column < 4; ++column) {
            const Panel& panel = panels[static_cast<std::size_t>(column)];
            const QRectF area(kGap + column * (kPanelWidth + kGap), kTop + row * (kPanelHeight + kGap), kPanelWidth,
                              kPanelHeight);
            painter.drawImage(area, render_cortex(shown, panel.view, kPanelWidth * 2));
            painter.setClipRect(area);
            Drawing drawing(painter, panel, area);
            if (row == 0) {
                for (const ScalpSite& site : sites) {
                    if (site.of_ten_twenty && faces(panel.view, site.normal)) {
                        drawing.mark(site.point, 3.5, ink::kMuted, words(site.name), 13.0);
                    }
                }
                for (const Landmark& fiducial : head.fiducials) {
                    // From the front the ears' names would cover the nasion.
                    if (column == 1 && fiducial.name != "nasion") continue;
                    if (faces(panel.view, scalp.patch_normal(fiducial.point, 10.0))) {
                        drawing.mark(fiducial.point, 7.0, ink::kOn, words(fiducial.name), 17.0);
                    }
                }
            }
            for (const CoilProposal& proposal : motor) {
                const bool hand = proposal.place.name.starts_with("hand");
                const Direction<Scan> outward = scalp.patch_normal(proposal.place.point, 20.0);
                if (!faces(panel.view, outward)) continue;
                if (row == 0 && hand && column != 1) drawing.coil(proposal.oblique, colour_of_side(proposal.side));
                if (row == 1) {
                    drawing.mark(proposal.place.point, 8.0, colour_of_side(proposal.side),
                                 words(proposal.place.name.substr(0, proposal.place.name.find(','))), 18.0,
                                 column == 2 && proposal.side == Side::left ? Anchor::end : Anchor::start);
                }
            }
            painter.setClipping(false);
            if (row == 0) {
                Canvas(painter).text(area.left() + 4.0, kTop - 14.0, panel.title, {24.0, ink::kText, true});
            }
            // Seen from the front the patient's left is at the right.
            if (column == 1 || column == 2) {
                Canvas canvas(painter);
                const bool above = column == 2;
                canvas.text(area.left() + 8.0, area.bottom() - 12.0, above ? QStringLiteral("L") : QStringLiteral("R"),
                            {26.0, above ? ink::kLeft : ink::kRight, true, Anchor::start, true});
                canvas.text(area.right() - 8.0, area.bottom() - 12.0, above ? QStringLiteral("R") : QStringLiteral("L"),
                            {26.0, above ? ink::kRight : ink::kLeft, true, Anchor::end, true});
            }
        }
    }
    painter.end();
    if (!sheet.save(QString::fromStdString(png.string()), "PNG")) {
        throw Error("The picture " + png.string() +
                    " could not be written: is there space, and may the folder be written to?");
    }
}

}  // namespace precentral
