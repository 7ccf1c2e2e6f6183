#include "search/stop_words.hpp"

#include <array>
#include <string>

namespace claimledger::search {
namespace {

// As Snowball lists them, folded and without marks; each word between blanks.
constexpr std::string_view english =
    " "
    "a about above after again against all am an and any are aren't as at be because been before being below "
    "between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down during each "
    "few for from further had hadn't has hasn't have haven't having he he'd he'll her here hers herself him "
    "himself his how i i'd i'll i'm i've if in into is isn't it its itself me more most mustn't my myself no nor "
    "not of off on once only or other ought our ours ourselves out over own same shall shan't she she'd she'll "
    "should shouldn't so some such than that the their theirs them themselves then there these they they'd "
    "they'll they're they've this those through to too under until up very was wasn't we we'd we'll we're we've "
    "were weren't what when where which while who whom whose why will with won't would wouldn't you you'd you'll "
    "you're you've your yours yourself yourselves ";

constexpr std::string_view french =
    " "
    "a ai ait as au aux avais avait avec avez avoir avons c ce ceci cela celle celui ces cet cette combien comme "
    "comment d dans de des donc du elle elles en es est et etaient etais etait etant ete etre eu eux fait furent "
    "fut ici il ils j je l la laquelle le lequel les leur leurs lui m ma mais me meme mes moi mon n ne ni nos "
    "notre nous on ont or ou par pas plus pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa sans "
    "se sera serait ses si soi soit sommes son sont sous suis sur t ta te tes toi ton tu un une vos votre vous y ";

constexpr std::string_view german =
    " "
    "aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus "
    "bei bin bis bist da damit dann das dass dazu dein deine deinem deinen deiner dem den denn der des dich die "
    "dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas "
    "euch euer eure eurem euren eurer fur gegen habe haben hast hat hatte hatten hattest hattet hier hin hinter "
    "ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist jede jedem jeden jeder jedes jene jenem "
    "jenen jener jenes jetzt kann kannst kein keine keinem keinen keiner konnen konnte machen man manche manchem "
    "manchen mancher mein meine meinem meinen meiner mich mir mit muss musste nach nicht nichts noch nun nur ob "
    "oder ohne sehr sein seine seinem seinen seiner selbst sich sie sind so solche solchem solchen solcher soll "
    "sollte sondern sonst uber um und uns unser unsere unserem unseren unserer unter viel vom von vor wahrend "
    "wann war waren warst warum was weil welche welchem welchen welcher wem wen wenn wer werde werden wie wieder "
    "will wir wird wirst wo wollen wollte wurde wurden zu zum zur zwar zwischen ";

constexpr std::string_view spanish =
    " "
    "a al algo algunas algunos ante antes aquel aquella como con contra cual cuando cuanto de del desde donde "
    "durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estan estas este esto estos "
    "fue fueron fui ha habia han has hasta hay he la las le les lo los mas me mi mis mucho muy nada ni no nos "
    "nosotros nuestra nuestro o os otra otro para pero poco por porque que quien se sea ser si sin sobre son soy "
    "su sus tambien te tenia tiene tienen todo todos tu tus un una uno unos y ya yo ";

struct List {
  std::string_view language;
  std::string_view words;
};
constexpr std::array lists = {List{"english", english}, List{"french", french}, List{"german", german},
                              List{"spanish", spanish}};

}  // namespace

bool is_stop_word(std::string_view language, std::string_view word) {
  for (const auto& list : lists) {
    if (list.language == language) return list.words.find(' ' + std::string(word) + ' ') != std::string_view::npos;
  }
  return false;
}

}  // namespace claimledger::search
