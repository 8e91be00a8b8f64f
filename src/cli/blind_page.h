// The page of a blind test; @DATA@ becomes {id, format, trials: [{text, a, b}]}.
#pragma once

namespace myna::cli {

inline constexpr const char* kBlindPage = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Which one sounds better?</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
blockquote { margin: 1rem 0; padding: .5rem 1rem; border-left: .25rem solid #888; }
.side { display: flex; align-items: center; gap: 1rem; margin: .5rem 0; }
audio { flex: 1; }
button { font: inherit; padding: .5rem 1rem; margin: .25rem .25rem .25rem 0; }
button.chosen { outline: .2rem solid #36c; }
progress { width: 100%; }
</style></head><body>
<h1>Which one sounds better?</h1>
<p>Listen to both readings of each text, with headphones if you can. Who is who is in key.json, not here.
Your votes stay in this browser until you save them.</p>
<progress id="done" value="0"></progress> <span id="count"></span>
<blockquote id="text"></blockquote>
<div class="side"><b>A</b><audio id="a" controls preload="auto"></audio></div>
<div class="side"><b>B</b><audio id="b" controls preload="auto"></audio></div>
<p><button data-choice="a">A is better</button><button data-choice="b">B is better</button>
<button data-choice="same">No difference</button></p>
<p><button id="back">Back</button><button id="next">Next</button><button id="save">Save votes</button></p>
<script>
const data = @DATA@;
const store = 'myna-blind-' + data.id;
let votes = {};
try { votes = JSON.parse(localStorage.getItem(store) || '{}') || {}; } catch (ignored) { votes = {}; }
let at = 0;
const by = id => document.getElementById(id);
function show() {
  const trial = data.trials[at];
  if (!trial) { by('text').textContent = 'There is nothing to compare.'; return; }
  by('text').textContent = trial.text;
  for (const side of ['a', 'b']) { by(side).pause(); by(side).src = trial[side]; }
  by('done').max = data.trials.length;
  by('done').value = Object.keys(votes).length;
  by('count').textContent = (at + 1) + ' of ' + data.trials.length + ', ' + Object.keys(votes).length + ' voted';
  for (const button of document.querySelectorAll('[data-choice]'))
    button.classList.toggle('chosen', votes[at] === button.dataset.choice);
}
function move(step) { at = Math.min(data.trials.length - 1, Math.max(0, at + step)); show(); }
for (const button of document.querySelectorAll('[data-choice]')) button.onclick = () => {
  votes[at] = button.dataset.choice;
  try { localStorage.setItem(store, JSON.stringify(votes)); } catch (ignored) { /* private window */ }
  if (at + 1 < data.trials.length) move(1); else show();
};
for (const side of ['a', 'b']) by(side).onplay = () => by(side === 'a' ? 'b' : 'a').pause();
by('back').onclick = () => move(-1);
by('next').onclick = () => move(1);
by('save').onclick = () => {
  const list = Object.keys(votes).map(trial => ({trial: Number(trial), choice: votes[trial]}));
  const file = new Blob([JSON.stringify({format: data.format, id: data.id, votes: list}, null, 1)],
                        {type: 'application/json'});
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = 'votes-' + data.id + '.json';
  link.click();
};
show();
</script></body></html>
)html";

}  // namespace myna::cli
