namespace KisFeed.Diagnostics;

/// <summary>An exception and its inner exceptions.</summary>
internal static class ExceptionChain
{
    /// <summary>Returns the first exception of a type; <see langword="null"/> if there is none.</summary>
    public static TException? Find<TException>(Exception e)
        where TException : Exception
    {
        for (Exception? inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is TException found)
                return found;
        }

        return null;
    }
}
