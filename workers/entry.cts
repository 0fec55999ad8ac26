// What Piscina loads in a new thread: worker.js, by import.
//
// Piscina tries `require` first. For an ES module Node then wraps it up on its way, and aborts the whole process when the
// thread is terminated in that moment (seen on Node 26). An import that is cut short harms nobody.

module.exports = import('./worker.js').then(({ default: drain }) => drain)
