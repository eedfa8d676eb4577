// A moment's delay, as a person has: pages that watch their popup must notice by themselves.
setTimeout(() => window.close(), 300);
