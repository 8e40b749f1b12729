package dev.peerdiscovery.core.message;

/** What a peer says to a request: an answer, or why there is none. */
public sealed interface Reply extends Outcome
    permits PingResponse,
        FindNodeResponse,
        AddProviderResponse,
        GetProvidersResponse,
        StreamEnded,
        Refusal {}
