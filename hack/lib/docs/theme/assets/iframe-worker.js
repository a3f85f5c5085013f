/* Replacement of Worker for pages that are opened from a directory: browsers do not start workers from file URLs.
   The script of the worker runs in a hidden frame instead. The theme's search uses it. */
if (location.protocol === 'file:') {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement('iframe');
      frame.hidden = true;
      document.body.append(frame);
      this.scope = frame.contentWindow;
      this.scope.document.write('<!doctype html><title>worker</title>');
      this.scope.document.close();
      // In the frame, as in a worker, postMessage sends to the page, and not to the frame itself.
      this.scope.postMessage = data => this.dispatchEvent(new MessageEvent('message', {data}));
      const script = this.scope.document.createElement('script');
      this.started = new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = () => reject(new Error('cannot load ' + url));
      });
      script.src = url;
      this.scope.document.body.append(script);
    }

    postMessage(data) {
      this.started.then(() => this.scope.dispatchEvent(new MessageEvent('message', {data})));
    }
  };
}
