#include "core/verb_table.hpp"

namespace earshot::core::verbs {

void set_video(Turn& turn, const SetVideo& command) {
    auto& member = turn.member;
    if (!member.call) return turn.refuse(RefusalCode::kNoCall, "You are in no call; join it before you show anything.");
    if (member.camera != command.camera || member.share != command.share) {
        member.camera = command.camera;
        member.share = command.share;
        turn.effects.tell(member.id, 0, VideoSet{member.camera, member.share});
        turn.house.show_change(member, {}, turn.effects);
    }
    turn.answer(Done{});
}

}  // namespace earshot::core::verbs
