using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;

namespace KisFeed.Server;

/// <summary>Decides what those who connect are served: which data, and what stands between them and the protocol. For any thread.</summary>
internal interface IConnectionPolicy
{
    /// <summary>Looks at a request for a connection before the handshake.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">Makes the session of the connection; called once if the handshake succeeds.</param>
    /// <param name="refusal">Why it is not to come to a handshake.</param>
    bool TryAdmit(HttpContext context, [NotNullWhen(true)] out ConnectionService? service, [NotNullWhen(false)] out RequestRefusal? refusal);
}
