using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KisFeed.Server;

/// <summary>How fast answers have to be read.</summary>
internal static class ResponseRate
{
    /// <summary>Lets a client read what is sent to it as slowly as it likes: how slow it may be is the business of where the data come from.</summary>
    public static void Free(HttpContext context) => context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null;
}
