using System;
using System.Collections.Generic;
using System.Reflection;
using System.Threading;

namespace UnityEngine
{
    /// <summary>
    /// Plays the engine: components that are added get OnEnable, Update, LateUpdate and OnDisable, in order.
    /// </summary>
    public sealed class Scene : IDisposable
    {
        readonly List<Component> _components = new List<Component>();
        readonly HashSet<Component> _enabled = new HashSet<Component>();
        readonly List<Action> _updates = new List<Action>();
        readonly List<Action> _lateUpdates = new List<Action>();
        readonly Transform _place = new Transform();

        public Scene()
        {
            MainThread.Claim();
            Debug.Errors.Clear();
            Debug.Warnings.Clear();
        }

        /// <summary>A component of the scene's one object, not yet enabled.</summary>
        public T Add<T>() where T : Component, new()
        {
            var one = new T { Place = _place };
            _components.Add(one);
            foreach (Component each in _components)
            {
                each.Siblings.Clear();
                each.Siblings.AddRange(_components);
            }
            return one;
        }

        public void Enable(Component one)
        {
            _enabled.Add(one);
            Call(one, "OnEnable");
            Action update = Method(one, "Update");
            Action lateUpdate = Method(one, "LateUpdate");
            if (update != null) { _updates.Add(update); }
            if (lateUpdate != null) { _lateUpdates.Add(lateUpdate); }
        }

        public void Disable(Component one)
        {
            if (!_enabled.Remove(one)) { return; }
            _updates.RemoveAll(update => ReferenceEquals(update.Target, one));
            _lateUpdates.RemoveAll(update => ReferenceEquals(update.Target, one));
            Call(one, "OnDisable");
        }

        /// <summary>One frame of the game. No garbage of its own.</summary>
        public void Draw()
        {
            for (int i = 0; i < _updates.Count; i++) { _updates[i](); }
            for (int i = 0; i < _lateUpdates.Count; i++) { _lateUpdates[i](); }
        }

        /// <summary>
        /// Draws at about 100 a second until `done` or for `limitS` seconds; tells whether it was done.
        /// </summary>
        public bool Play(double limitS, Func<bool> done)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(limitS);
            while (DateTime.UtcNow < end)
            {
                Draw();
                if (done()) { return true; }
                Thread.Sleep(10);
            }
            return false;
        }

        public void Dispose()
        {
            foreach (Component one in _components) { Disable(one); }
        }

        static void Call(Component one, string name)
        {
            Action method = Method(one, name);
            if (method != null) { method(); }
        }

        static Action Method(Component one, string name)
        {
            MethodInfo method = one.GetType().GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic);
            return method == null ? null : (Action)Delegate.CreateDelegate(typeof(Action), one, method);
        }
    }
}
