using System;
using System.Threading;

namespace UnityEngine
{
    /// <summary>Unity's rule: its objects belong to the main thread. Every stub asks here first.</summary>
    public static class MainThread
    {
        static int _id;

        /// <summary>The thread that calls is the main one from now on.</summary>
        public static void Claim()
        {
            _id = Thread.CurrentThread.ManagedThreadId;
        }

        public static void Check()
        {
            if (Thread.CurrentThread.ManagedThreadId != _id)
            {
                throw new UnityException("can only be called from the main thread");
            }
        }
    }

    public class UnityException : Exception
    {
        public UnityException(string message) : base(message) { }
    }
}
