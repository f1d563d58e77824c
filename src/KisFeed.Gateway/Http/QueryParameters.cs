using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway.Http;

/// <summary>
/// The query parameters of an endpoint. A misspelled parameter must not be ignored, because the response would be misleading.
/// </summary>
internal sealed class QueryParameters(params string[] known)
{
    private const int MaxNameLength = 64;

    /// <summary>Checks the names of all parameters. Returns the problem; <see langword="null"/> if all are known.</summary>
    public Problem? Check(IQueryCollection query)
    {
        foreach (var name in query.Keys)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                return Problem.Malformed("unknownParameter", $"Unknown parameter '{Shorten(name)}'. {Known()}");
        }

        return null;
    }

    public static Problem Unusable(string name, string expected) =>
        Problem.Malformed("badParameter", $"The parameter {name.ToLowerInvariant()} is not valid: {expected}.");

    private string Known() => known switch
    {
        [] => "This path has no parameters.",
        [var only] => $"The only parameter is {only}.",
        _ => $"The parameters are {string.Join(", ", known[..^1])} and {known[^1]}.",
    };

    private static string Shorten(string name) => name.Length <= MaxNameLength ? name : $"{name[..MaxNameLength]}…";
}
