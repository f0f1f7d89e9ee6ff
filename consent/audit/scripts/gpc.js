Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true });
