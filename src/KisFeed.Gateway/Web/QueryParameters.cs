using Microsoft.AspNetCore.Http;

namespace KisFeed.Gateway;

/// <summary>The query parameters that a page knows. A misspelled one must not be ignored: the answer would be to another question.</summary>
/// <param name="known">Their names, in any case.</param>
internal sealed class QueryParameters(params string[] known)
{
    private const int LongestName = 64;

    /// <summary>What is wrong with a query; <see langword="null"/> where the page knows all of its parameters.</summary>
    public Problem? Check(IQueryCollection query)
    {
        foreach (var name in query.Keys)
        {
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase))
                return new Problem(StatusCodes.Status400BadRequest, "unknownParameter", $"There is no parameter '{Shorten(name)}' at this address. {Known()}");
        }

        return null;
    }

    /// <summary>Why a parameter that is known cannot be used.</summary>
    public static Problem Unusable(string name, string expected) =>
        new(StatusCodes.Status400BadRequest, "badParameter", $"The parameter {name.ToLowerInvariant()} cannot be used: {expected}.");

    private string Known() => known switch
    {
        [] => "It takes none.",
        [var only] => $"The only one is {only}.",
        _ => $"There are {string.Join(", ", known[..^1])} and {known[^1]}.",
    };

    private static string Shorten(string name) => name.Length <= LongestName ? name : $"{name[..LongestName]}…";
}
