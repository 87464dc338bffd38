"""What tests of several packages share: builders, loopback servers, the browser."""
